//! Inflates compressed sections.

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// The content of a section whose bytes begin with the header of a compressed one. Only zlib is known.
pub(super) fn inflate(bytes: &[u8]) -> Option<&'static [u8]> {
    const HEADER: usize = 24;
    const ZLIB: u32 = 1;
    let kind = u32::from_le_bytes(*bytes.first_chunk()?);
    let size = u64::from_le_bytes(*bytes.get(8..)?.first_chunk()?);
    if kind != ZLIB {
        return None;
    }
    let size = usize::try_from(size).ok()?;
    let inflated = decompress_to_vec_zlib_with_limit(bytes.get(HEADER..)?, size).ok()?;
    Some(inflated.leak())
}
