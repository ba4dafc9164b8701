//! The decoder of records, fed with what nobody wrote: it never panics, reads nothing beyond its
//! input, and encodes whatever it accepts again to the same bytes.
#![no_main]

use carnet::log::record::{FRAME_BYTES, Record};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    holds(bytes);
    // No mutation finds a checksum: what follows the frame is tried under the right one as well.
    if let Some(body) = bytes.get(FRAME_BYTES..)
        && let Ok(length) = u32::try_from(body.len())
    {
        let mut framed = length.to_le_bytes().to_vec();
        framed.extend(crc32c::crc32c(body).to_le_bytes());
        framed.extend(body);
        holds(&framed);
    }
});

fn holds(bytes: &[u8]) {
    if let Ok((record, hash, length)) = Record::decode(bytes) {
        let mut again = Vec::new();
        assert_eq!(record.encode(&mut again), Ok(hash));
        assert_eq!(again, bytes[..length]);
    }
}
