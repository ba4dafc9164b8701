//! The framed record: what is encoded is decoded, and no bytes whatever make the decoder panic or
//! accept what it would not write.

use carnet::{
    domain::terms::Position,
    log::record::{FRAME_BYTES, Hash, RECORD_BYTES_MAX, Record, RecordError, event_id},
};
use chrono::DateTime;
use proptest::{collection::vec, prelude::*};
use sha2::{Digest, Sha256};
use uuid::Uuid;

fn records() -> impl Strategy<Value = Record> {
    let places = (1u64.., 1u64.., any::<i64>(), any::<u64>(), any::<u64>());
    let ids = any::<([u8; 16], [u8; 16], [u8; 16], [u8; 16], [u8; 32])>();
    let command = (0..u16::MAX).prop_flat_map(|index| (Just(index), index + 1..=u16::MAX));
    let texts = (any::<String>(), any::<String>());
    let json = (vec(any::<u8>(), 0..300), vec(any::<u8>(), 0..3000));
    (places, ids, command, texts, json).prop_filter_map(
        "no such instant",
        |(places, ids, command, texts, json)| {
            let (position, stream_version, micros, corrects, causation) = places;
            let optional = |position| (position != 0).then_some(Position(position));
            Some(Record {
                position: Position(position),
                stream: texts.0,
                stream_version,
                tag: texts.1,
                event_id: Uuid::from_bytes(ids.0),
                command_id: Uuid::from_bytes(ids.1),
                command_index: command.0,
                command_count: command.1,
                correlation_id: Uuid::from_bytes(ids.2),
                causation: optional(causation),
                fingerprint: ids.3,
                // Some 64-bit numbers lie outside the years that a date can have.
                recorded_at: DateTime::from_timestamp_micros(micros)?,
                corrects: optional(corrects),
                previous: Hash(ids.4),
                meta: json.0,
                payload: json.1,
            })
        },
    )
}

/// Sets the length and the checksum of a frame to what its body is.
fn reframe(bytes: &mut [u8]) {
    if let Some((frame, body)) = bytes.split_at_mut_checked(FRAME_BYTES) {
        frame[..4].copy_from_slice(&u32::try_from(body.len()).unwrap().to_le_bytes());
        frame[4..].copy_from_slice(&crc32c::crc32c(body).to_le_bytes());
    }
}

/// What the decoder accepts, it must encode again to the same bytes.
fn check_accepted(bytes: &[u8]) -> bool {
    let Ok((record, hash, whole)) = Record::decode(bytes) else {
        return false;
    };
    let mut again = Vec::new();
    assert_eq!(record.encode(&mut again), Ok(hash));
    assert_eq!(again, bytes[..whole]);
    true
}

proptest! {
    /// Catches: a field that is written and not read, read in another order, or cut.
    #[test]
    fn what_is_encoded_is_decoded(record in records(), before in vec(any::<u8>(), 0..9)) {
        let mut bytes = before.clone();
        let hash = record.encode(&mut bytes).unwrap();
        let framed = bytes.split_off(before.len());
        prop_assert_eq!(bytes, before);
        let digest: [u8; 32] = Sha256::digest(&framed[FRAME_BYTES..]).into();
        prop_assert_eq!(hash, Hash(digest));
        let followed = [framed.as_slice(), b"the next"].concat();
        prop_assert_eq!(Record::decode(&followed), Ok((record, hash, framed.len())));
    }

    /// Catches: a decoder that reads beyond its input.
    #[test]
    fn a_record_cut_short_is_refused(record in records(), at in any::<prop::sample::Index>()) {
        let mut bytes = Vec::new();
        record.encode(&mut bytes).unwrap();
        bytes.truncate(at.index(bytes.len()));
        prop_assert_eq!(Record::decode(&bytes), Err(RecordError::Cut));
    }

    /// Catches: a panic on hostile bytes.
    #[test]
    fn random_bytes_are_refused(mut bytes in vec(any::<u8>(), 0..600), framed in any::<bool>()) {
        if framed {
            reframe(&mut bytes);
        }
        check_accepted(&bytes);
    }

    /// Catches: a changed byte that the checksum does not cover.
    #[test]
    fn a_changed_byte_is_refused(
        record in records(), at in any::<prop::sample::Index>(), change in 1u8..,
    ) {
        let mut bytes = Vec::new();
        record.encode(&mut bytes).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        prop_assert!(Record::decode(&bytes).is_err());
    }

    /// Catches: a decoder that tolerates what an encoder would not write (a length that does not
    /// add up, a reserved bit, a non-canonical number) once the checksum is right.
    #[test]
    fn what_is_accepted_is_encoded_to_the_same_bytes(
        record in records(),
        changes in vec((0usize..200, any::<u8>()), 0..4),
        cut in 0usize..3,
        more in vec(any::<u8>(), 0..3),
    ) {
        let mut bytes = Vec::new();
        record.encode(&mut bytes).unwrap();
        for (at, byte) in changes {
            if let Some(changed) = bytes.get_mut(at) {
                *changed = byte;
            }
        }
        bytes.truncate(bytes.len() - cut);
        bytes.extend(more);
        reframe(&mut bytes);
        check_accepted(&bytes);
    }
}

fn sample() -> Record {
    Record {
        position: Position(1),
        stream: "a".into(),
        stream_version: 1,
        tag: "b/1".into(),
        event_id: event_id(Uuid::nil(), 0),
        command_id: Uuid::nil(),
        command_index: 0,
        command_count: 1,
        correlation_id: Uuid::nil(),
        causation: None,
        fingerprint: [0; 16],
        recorded_at: DateTime::UNIX_EPOCH,
        corrects: None,
        previous: Hash([0; 32]),
        meta: b"{}".to_vec(),
        payload: b"{}".to_vec(),
    }
}

/// Catches: a field whose malformed values are let through; each is named.
#[test]
fn malformed_fields_are_named() {
    let mut good = Vec::new();
    sample().encode(&mut good).unwrap();
    assert!(check_accepted(&good));
    let changed = |at: usize, value: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + value.len()].copy_from_slice(value);
        reframe(&mut bytes);
        Record::decode(&bytes).unwrap_err()
    };
    assert_eq!(
        changed(8, &[2]),
        RecordError::Format {
            format: 2,
            codec: 1
        }
    );
    assert_eq!(
        changed(9, &[0]),
        RecordError::Format {
            format: 1,
            codec: 0
        }
    );
    assert_eq!(changed(10, &[1]), RecordError::Field("command index"));
    assert_eq!(changed(12, &[0]), RecordError::Field("command index"));
    assert_eq!(changed(14, &[9, 9]), RecordError::Cut);
    assert_eq!(changed(18, &[0, 1]), RecordError::Field("reserved"));
    assert_eq!(changed(24, &[1]), RecordError::Field("length"));
    assert_eq!(changed(20, &[255; 4]), RecordError::Cut);
    assert_eq!(changed(28, &[0]), RecordError::Field("position"));
    assert_eq!(changed(36, &[0]), RecordError::Field("position"));
    assert_eq!(
        changed(44, &i64::MAX.to_le_bytes()),
        RecordError::Field("recorded at")
    );
    assert_eq!(changed(164, &[0xff]), RecordError::Field("stream"));
    assert_eq!(changed(165, &[0xff]), RecordError::Field("tag"));
}

/// Catches: a limit that is off by one, or that the encoder and the decoder do not share.
#[test]
fn the_largest_record_is_taken_and_one_byte_more_is_not() {
    let mut record = sample();
    let mut bytes = Vec::new();
    record.encode(&mut bytes).unwrap();
    record.payload = vec![b'x'; record.payload.len() + RECORD_BYTES_MAX - bytes.len()];
    bytes.clear();
    record.encode(&mut bytes).unwrap();
    assert_eq!(bytes.len(), RECORD_BYTES_MAX);
    assert!(check_accepted(&bytes));
    bytes.push(b'x');
    reframe(&mut bytes);
    let too_long = RecordError::Length(RECORD_BYTES_MAX + 1);
    assert_eq!(Record::decode(&bytes), Err(too_long.clone()));
    record.payload.push(b'x');
    let mut untouched = Vec::new();
    assert_eq!(record.encode(&mut untouched), Err(too_long));
    assert!(untouched.is_empty());
    record.payload.clear();
    record.stream = "s".repeat(64 * 1024 - 300);
    record.encode(&mut untouched).unwrap();
}
