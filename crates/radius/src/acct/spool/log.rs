//! The spool on disk: segments of framed reports, written at the end and read from the front.
//!
//! A frame is the length and the CRC-32C of a report, four bytes each with the lowest first, and
//! the report as JSON. How far a segment was drained is not kept: it is deleted when all of it is.

#![deny(clippy::indexing_slicing, clippy::string_slice)]

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crc::{CRC_32_ISCSI, Crc};
use domain::network::session::AccountingRecord;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
const SEGMENT_BYTES: u64 = 8 << 20;
const READ_BYTES: u64 = 4 << 20;
const HEAD: usize = 8;
/// A report comes from one packet of 4096 bytes, which JSON makes longer, but not that long.
const LONGEST: usize = 256 << 10;

pub(super) struct SpoolLog {
    directory: PathBuf,
    max_bytes: u64,
    segments: VecDeque<Segment>,
    /// The last segment, when this process writes it.
    writer: Option<File>,
    next_number: u64,
    /// Held as long as the log lives: two processes must not share a spool.
    _lock: File,
}

struct Segment {
    number: u64,
    bytes: u64,
    drained: u64,
}

/// Reports from the front, and where they end.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) records: Vec<Arc<AccountingRecord>>,
    pub(super) until: Position,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    number: u64,
    drained: u64,
}

impl SpoolLog {
    pub(super) fn open(directory: &Path, max_bytes: u64) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join("lock"))?;
        lock.try_lock()
            .map_err(|error| io::Error::other(format!("another process uses it: {error}")))?;
        let mut numbers: Vec<u64> = fs::read_dir(directory)?
            .filter_map(|entry| number_of(&entry.ok()?.path()))
            .collect();
        numbers.sort_unstable();
        let mut log = Self {
            directory: directory.to_owned(),
            max_bytes,
            segments: VecDeque::new(),
            writer: None,
            next_number: numbers.last().map_or(1, |last| last + 1),
            _lock: lock,
        };
        for number in numbers {
            let bytes = cut_torn_tail(&log.path(number))?;
            if bytes == 0 {
                fs::remove_file(log.path(number))?;
            } else {
                log.segments.push_back(Segment {
                    number,
                    bytes,
                    drained: 0,
                });
            }
        }
        Ok(log)
    }

    /// What is not drained yet.
    pub(super) fn bytes(&self) -> u64 {
        self.segments
            .iter()
            .map(|segment| segment.bytes - segment.drained)
            .sum()
    }

    /// Appends the reports and returns when they are on the disk.
    pub(super) fn append(&mut self, records: &[Arc<AccountingRecord>]) -> io::Result<()> {
        let mut frames = Vec::with_capacity(records.len() * 600);
        for record in records {
            frame(record, &mut frames)?;
        }
        let length = u64::try_from(frames.len()).map_err(io::Error::other)?;
        let on_disk: u64 = self.segments.iter().map(|segment| segment.bytes).sum();
        if on_disk + length > self.max_bytes {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "it is full"));
        }
        if self.writer.is_none()
            || self
                .segments
                .back()
                .is_none_or(|last| last.bytes >= SEGMENT_BYTES)
        {
            self.begin_segment()?;
        }
        let (Some(writer), Some(last)) = (self.writer.as_mut(), self.segments.back_mut()) else {
            return Err(io::Error::other("a segment was begun"));
        };
        let written = writer.write_all(&frames).and_then(|()| writer.sync_data());
        if let Err(error) = written {
            // What was half written must not stand between frames; a segment that cannot even be
            // cut is left alone, and the reading of it stops where it was whole.
            let cut = writer
                .set_len(last.bytes)
                .and_then(|()| writer.seek(SeekFrom::End(0)).map(drop));
            if cut.is_err() {
                self.writer = None;
            }
            return Err(error);
        }
        last.bytes += length;
        Ok(())
    }

    /// Up to `limit` reports from the front.
    pub(super) fn read(&mut self, limit: usize) -> io::Result<Found> {
        loop {
            let Some(front) = self.segments.front() else {
                let until = Position {
                    number: 0,
                    drained: 0,
                };
                return Ok(Found {
                    records: Vec::new(),
                    until,
                });
            };
            let mut file = File::open(self.path(front.number))?;
            file.seek(SeekFrom::Start(front.drained))?;
            let left = front.bytes - front.drained;
            let mut bytes = Vec::new();
            file.take(left.min(READ_BYTES)).read_to_end(&mut bytes)?;
            let (records, whole) = reports(&bytes, limit);
            let until = Position {
                number: front.number,
                drained: front.drained + whole,
            };
            if !records.is_empty() {
                return Ok(Found { records, until });
            }
            if left > 0 {
                self.set_rest_aside(until)?;
            }
            let until = Position {
                drained: until.drained + left,
                ..until
            };
            self.forget(until)?;
        }
    }

    /// Forgets what is drained.
    pub(super) fn forget(&mut self, until: Position) -> io::Result<()> {
        let is_written = self.writer.is_some() && self.segments.len() == 1;
        let Some(front) = self
            .segments
            .front_mut()
            .filter(|front| front.number == until.number)
        else {
            return Ok(());
        };
        front.drained = until.drained.min(front.bytes);
        if front.drained == front.bytes {
            let path = segment_path(&self.directory, front.number);
            self.segments.pop_front();
            if is_written {
                self.writer = None;
            }
            fs::remove_file(path)?;
        }
        Ok(())
    }

    /// Keeps reports that the store refuses for a person to look at.
    pub(super) fn set_aside(&self, records: &[Arc<AccountingRecord>]) -> io::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.directory.join("set-aside.jsonl"))?;
        for record in records {
            serde_json::to_writer(&mut file, record.as_ref())?;
            file.write_all(b"\n")?;
        }
        file.sync_all()
    }

    fn set_rest_aside(&self, at: Position) -> io::Result<()> {
        let mut file = File::open(self.path(at.number))?;
        file.seek(SeekFrom::Start(at.drained))?;
        let path = self.directory.join(format!("damaged-{:020}", at.number));
        tracing::error!(path = %path.display(), "a part of the accounting spool is damaged: it is set aside");
        io::copy(&mut file, &mut File::create(path)?).map(drop)
    }

    fn begin_segment(&mut self) -> io::Result<()> {
        let number = self.next_number;
        let file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .open(self.path(number))?;
        // The name must outlive a loss of power as well as the bytes.
        File::open(&self.directory)?.sync_all()?;
        self.next_number += 1;
        self.segments.push_back(Segment {
            number,
            bytes: 0,
            drained: 0,
        });
        self.writer = Some(file);
        Ok(())
    }

    fn path(&self, number: u64) -> PathBuf {
        segment_path(&self.directory, number)
    }
}

fn segment_path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:020}.spool"))
}

fn number_of(path: &Path) -> Option<u64> {
    let is_segment = path.extension()? == "spool";
    is_segment.then(|| path.file_stem()?.to_str()?.parse().ok())?
}

fn frame(record: &AccountingRecord, frames: &mut Vec<u8>) -> io::Result<()> {
    let report = serde_json::to_vec(record)?;
    let length = u32::try_from(report.len()).map_err(io::Error::other)?;
    frames.extend_from_slice(&length.to_le_bytes());
    frames.extend_from_slice(&CRC.checksum(&report).to_le_bytes());
    frames.extend_from_slice(&report);
    Ok(())
}

/// One whole frame at the front, and what follows it.
fn split_frame(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    // A disk may answer zeros for what was never written.
    if length == 0 || length > LONGEST {
        return None;
    }
    let (report, rest) = rest.split_at_checked(length)?;
    (CRC.checksum(report) == u32::from_le_bytes(*sum)).then_some((report, rest))
}

/// The reports at the front, and how many bytes they take; a report of an older build that cannot
/// be read ends them.
fn reports(bytes: &[u8], limit: usize) -> (Vec<Arc<AccountingRecord>>, u64) {
    let (mut records, mut whole, mut rest) = (Vec::new(), 0, bytes);
    while records.len() < limit {
        let Some((report, after)) = split_frame(rest) else {
            break;
        };
        let Ok(record) = serde_json::from_slice(report) else {
            break;
        };
        records.push(Arc::new(record));
        whole += u64::try_from(report.len() + HEAD).unwrap_or(0);
        rest = after;
    }
    (records, whole)
}

/// Cuts what a crash left half written, and answers how long the segment is then.
fn cut_torn_tail(path: &Path) -> io::Result<u64> {
    let bytes = fs::read(path)?;
    let (mut whole, mut rest) = (0_u64, bytes.as_slice());
    while let Some((report, after)) = split_frame(rest) {
        whole += u64::try_from(report.len() + HEAD).map_err(io::Error::other)?;
        rest = after;
    }
    if rest.is_empty() {
        return Ok(whole);
    }
    let is_torn = rest.len() < HEAD
        || rest
            .first_chunk::<4>()
            .and_then(|length| usize::try_from(u32::from_le_bytes(*length)).ok())
            .is_some_and(|length| length <= LONGEST && length + HEAD >= rest.len());
    if !is_torn {
        // Damage in the middle is no torn tail: what follows it may be whole, for a person to save.
        let kept = path.with_extension("damaged");
        fs::write(&kept, rest)?;
        tracing::error!(path = %kept.display(), "a part of the accounting spool is damaged: it is set aside");
    }
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(whole)?;
    file.sync_all()?;
    Ok(whole)
}
