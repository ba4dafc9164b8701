//! Contents as the log keeps them: what is packed is unpacked, and nothing else is.

use carnet::{
    domain::{
        refusal::Refusal,
        report::{CONTENT_BYTES_MAX, PARTS_MAX},
        terms::{ContentText, FileHash, text::CONTENT_CHARS_MAX},
    },
    pack::{PackError, Packed, UnpackError, pack, unpack},
};
use sha2::{Digest, Sha256};

/// Bytes that nothing can compress.
fn noise(bytes: usize) -> Vec<u8> {
    let blocks = (0_u64..).flat_map(|number| Sha256::digest(number.to_le_bytes()));
    blocks.take(bytes).collect()
}

fn text(raw: &str) -> ContentText {
    ContentText::try_new(raw.to_owned()).unwrap()
}

fn unpacked(packed: &Packed) -> Result<Vec<u8>, UnpackError> {
    unpack(&packed.parts, packed.bytes, &packed.hash)
}

/// Catches: a cut within a group of base64, a last part that is lost or padded wrongly.
#[test]
fn what_is_packed_is_unpacked() {
    let part = CONTENT_CHARS_MAX / 4 * 3;
    for bytes in [1, 2, 3, 1000, part - 20, part, part + 1, 2 * part + 7] {
        for content in [noise(bytes), vec![b' '; bytes]] {
            let packed = pack(&content).unwrap();
            let last = packed.parts.len() - 1;
            for part in &packed.parts[..last] {
                assert_eq!(part.as_str().len(), CONTENT_CHARS_MAX);
            }
            assert_eq!(unpacked(&packed).unwrap(), content, "{bytes}");
        }
    }
}

/// Catches: an empty report, and one that nobody could read again.
#[test]
fn a_content_has_bounds() {
    let max = CONTENT_BYTES_MAX;
    let too_large = usize::try_from(max).unwrap() + 1;
    for bytes in [0, too_large] {
        let refused = pack(&vec![b' '; bytes]).unwrap_err();
        assert!(
            matches!(&refused, PackError::Refused(Refusal::ContentOutOfRange { max: known, .. })
                if *known == max),
            "{refused:?}"
        );
    }
}

/// Catches: a content served that is not the one that was published, and one that takes the memory
/// of the whole machine.
#[test]
fn nothing_else_is_unpacked() {
    let content = noise(100_000);
    let good = pack(&content).unwrap();
    assert!(good.parts.len() > 2);

    let mut swapped = good.clone();
    swapped.parts.swap(0, 1);
    assert!(unpacked(&swapped).is_err());
    let mut cut = good.clone();
    cut.parts.pop();
    assert!(unpacked(&cut).is_err());

    let mut other = pack(&noise(99_999)).unwrap();
    other.bytes = 100_000;
    let length = unpacked(&other).unwrap_err();
    assert!(
        matches!(length, UnpackError::Length { announced: 100_000 }),
        "{length}"
    );
    let mut longer = good.clone();
    longer.bytes -= 1;
    let length = unpacked(&longer).unwrap_err();
    assert!(
        matches!(length, UnpackError::Length { announced: 99_999 }),
        "{length}"
    );
    let mut hash = good.clone();
    hash.hash = FileHash::of([0; 32]);
    let hash = unpacked(&hash).unwrap_err();
    assert!(matches!(hash, UnpackError::Hash { .. }), "{hash}");

    let mut bomb = pack(&vec![0; 20_000_000]).unwrap();
    bomb.bytes = 100;
    let length = unpacked(&bomb).unwrap_err();
    assert!(
        matches!(length, UnpackError::Length { announced: 100 }),
        "{length}"
    );
    bomb.bytes = CONTENT_BYTES_MAX + 1;
    let large = unpacked(&bomb).unwrap_err();
    assert!(matches!(large, UnpackError::TooLarge { .. }), "{large}");

    // Digits of base64, whose last bits are none of any byte.
    let index = unpack(&[text("AAAA"), text("AB==")], 1, &good.hash).unwrap_err();
    assert!(
        matches!(index, UnpackError::Part { index: 1, .. }),
        "{index}"
    );
    let stream = unpack(&[text("AAAA")], 1, &good.hash).unwrap_err();
    assert!(matches!(stream, UnpackError::Inflation(_)), "{stream}");
    let most = usize::try_from(PARTS_MAX).unwrap();
    let many = vec![text("AAAA"); most + 1];
    let many = unpack(&many, 1, &good.hash).unwrap_err();
    assert!(matches!(many, UnpackError::TooManyParts), "{many}");
}
