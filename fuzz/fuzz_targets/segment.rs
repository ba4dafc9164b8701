//! The reader of segments, fed with what nobody wrote: it never panics; what it takes for whole, a
//! backup takes to the byte; and of what it takes for torn, a backup takes no more than is whole.
#![no_main]

use std::{fs, path::PathBuf, sync::LazyLock};

use carnet::log::mirrored::{self, Places};
use libfuzzer_sys::fuzz_target;

const HEADER: usize = 80;
const NAME: &str = "00000000000000000001.segment";

static PLACE: LazyLock<PathBuf> = LazyLock::new(|| {
    let place = std::env::temp_dir().join(format!("carnet-fuzz-{}", std::process::id()));
    fs::create_dir_all(place.join("mirror")).unwrap();
    place
});

fuzz_target!(|bytes: &[u8]| {
    holds(bytes);
    // No mutation finds a checksum: the same is tried with the right ones.
    holds(&repaired(bytes));
});

fn holds(bytes: &[u8]) {
    let mirror = PLACE.join("mirror");
    fs::write(mirror.join(NAME), bytes).unwrap();
    let places = Places {
        store: PLACE.join("none"),
        mirror: Some(mirror.clone()),
        unused: None,
        free_bytes: 0,
    };
    let verified = mirrored::verify(&places, &|| {}).unwrap();
    let found = verified.mirror.unwrap();
    if found.head.position.0 == 0 {
        return;
    }
    let copy = PLACE.join("copy");
    fs::remove_dir_all(&copy).ok();
    let copied = mirrored::backup(&mirror, &copy, &mut |_| {});
    if found.trouble.is_none() {
        let copied = copied.unwrap();
        assert!(copied.head.position <= found.head.position);
        let kept = fs::read(copy.join(NAME)).unwrap();
        assert_eq!(kept, bytes[..kept.len()]);
        if copied.head == found.head {
            assert_eq!(kept.len(), bytes.len());
        }
    } else if let Ok(copied) = copied
        // A backup carries what this release cannot read.
        && !found.trouble.is_some_and(|trouble| trouble.contains("illisible"))
    {
        assert!(copied.head.position <= found.head.position);
    }
}

/// The same with the checksums of the header and of every frame made right.
fn repaired(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(header) = bytes.get_mut(..HEADER) {
        let checksum = crc32c::crc32c(&header[16..]);
        header[12..16].copy_from_slice(&checksum.to_le_bytes());
    }
    let mut at = HEADER;
    while let Some((frame, rest)) = bytes
        .get_mut(at..)
        .and_then(|rest| rest.split_at_mut_checked(8))
    {
        let length = u32::from_le_bytes([frame[0], frame[1], frame[2], frame[3]]) as usize;
        let Some(body) = rest.get(..length) else {
            break;
        };
        let checksum = crc32c::crc32c(body);
        frame[4..].copy_from_slice(&checksum.to_le_bytes());
        at += 8 + length;
    }
    bytes
}
