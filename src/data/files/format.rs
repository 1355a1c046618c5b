//! The format of a file, told by its first bytes.

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Text, delimited or not.
    Text,
    /// NumPy's format of one array.
    Npy,
    /// A zip archive of NumPy's arrays.
    Npz,
    /// Matrix Market.
    MatrixMarket,
    /// Text of SVMlight and LIBSVM; told from other text by its first line with a pair.
    Svmlight,
    /// A gzip stream of something else.
    Gzip,
    /// A format that is not read: what it is, and how to make a file of it that is.
    Foreign(&'static str, &'static str),
}

/// How many bytes suffice to tell the format.
pub(super) const HEAD: usize = 8192;

const DECOMPRESS: &str = "decompress it first";
const EXTRACT: &str = "extract the table from it first";
const FRAME: &str =
    "write the table as text, as pandas does with df.to_csv('table.csv', index=False)";
const SHEET: &str = "save the sheet as CSV (UTF-8)";
const ARRAY: &str = "write the array with numpy.save";
const MATLAB: &str = "write the matrix as text, as MATLAB does with writematrix(A, 'matrix.csv')";
const NO_TABLE: &str = "give a table: text, or an array of NumPy's";
const ENCODE: &str = "save it as UTF-8";

/// Formats of bytes that are not text, by their beginning.
const MAGIC: &[(&[u8], Format)] = &[
    (b"\x93NUMPY", Format::Npy),
    (b"\x1f\x8b", Format::Gzip),
    (
        b"BZh",
        Format::Foreign("a file compressed by bzip2", DECOMPRESS),
    ),
    (
        b"\xfd7zXZ\0",
        Format::Foreign("a file compressed by xz", DECOMPRESS),
    ),
    (
        b"\x28\xb5\x2f\xfd",
        Format::Foreign("a file compressed by zstd", DECOMPRESS),
    ),
    (
        b"\x04\x22\x4d\x18",
        Format::Foreign("a file compressed by lz4", DECOMPRESS),
    ),
    (
        b"\x1f\x9d",
        Format::Foreign("a file compressed by compress", DECOMPRESS),
    ),
    (
        b"7z\xbc\xaf\x27\x1c",
        Format::Foreign("a 7z archive", EXTRACT),
    ),
    (b"Rar!\x1a\x07", Format::Foreign("a RAR archive", EXTRACT)),
    (b"\x89HDF\r\n\x1a\n", Format::Foreign("an HDF5 file", ARRAY)),
    (b"CDF\x01", Format::Foreign("a NetCDF file", ARRAY)),
    (b"CDF\x02", Format::Foreign("a NetCDF file", ARRAY)),
    (b"PAR1", Format::Foreign("a Parquet file", FRAME)),
    (b"ARROW1", Format::Foreign("an Arrow file", FRAME)),
    (b"FEA1", Format::Foreign("a Feather file", FRAME)),
    (b"Obj\x01", Format::Foreign("an Avro file", FRAME)),
    (b"ORC", Format::Foreign("an ORC file", FRAME)),
    (
        b"SQLite format 3\0",
        Format::Foreign("an SQLite database", EXTRACT),
    ),
    (b"\x80\x02", Format::Foreign("a Python pickle", ARRAY)),
    (b"\x80\x03", Format::Foreign("a Python pickle", ARRAY)),
    (b"\x80\x04", Format::Foreign("a Python pickle", ARRAY)),
    (b"\x80\x05", Format::Foreign("a Python pickle", ARRAY)),
    (
        b"MATLAB 5.0 MAT-file",
        Format::Foreign("a MATLAB file", MATLAB),
    ),
    (
        b"MATLAB 7.3 MAT-file",
        Format::Foreign("a MATLAB file", MATLAB),
    ),
    (
        b"RDX2\n",
        Format::Foreign("an R workspace", "write the table with write.csv"),
    ),
    (
        b"RDX3\n",
        Format::Foreign("an R workspace", "write the table with write.csv"),
    ),
    (
        b"X\n\0\0\0",
        Format::Foreign("an R object", "write the table with write.csv"),
    ),
    (b"$FL2", Format::Foreign("an SPSS file", FRAME)),
    (b"SIMPLE  =", Format::Foreign("a FITS file", ARRAY)),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        Format::Foreign("an Office file (.xls, .doc)", SHEET),
    ),
    (
        b"\x89PNG\r\n\x1a\n",
        Format::Foreign("a PNG image", NO_TABLE),
    ),
    (b"\xff\xd8\xff", Format::Foreign("a JPEG image", NO_TABLE)),
    (b"GIF8", Format::Foreign("a GIF image", NO_TABLE)),
    (b"II*\0", Format::Foreign("a TIFF image", NO_TABLE)),
    (b"MM\0*", Format::Foreign("a TIFF image", NO_TABLE)),
    (b"\x7fELF", Format::Foreign("a program", NO_TABLE)),
    (b"\xff\xfe\0\0", Format::Foreign("UTF-32 text", ENCODE)),
    (b"\0\0\xfe\xff", Format::Foreign("UTF-32 text", ENCODE)),
    (b"\xff\xfe", Format::Foreign("UTF-16 text", ENCODE)),
    (b"\xfe\xff", Format::Foreign("UTF-16 text", ENCODE)),
];

/// Formats that are text, or begin with some, by their beginning.
const TEXTUAL: &[(&[u8], Format)] = &[
    (b"%%MatrixMarket", Format::MatrixMarket),
    (b"<stata_dta>", Format::Foreign("a Stata file", FRAME)),
    (b"%PDF-", Format::Foreign("a PDF document", NO_TABLE)),
    (
        b"version https://git-lfs",
        Format::Foreign("a pointer of Git LFS", "fetch the file with git lfs pull"),
    ),
];

/// What zip archives hold, told by the name of an entry.
const ARCHIVES: &[(&[u8], Format)] = &[
    (b".npy", Format::Npz),
    (b"\x93NUMPY", Format::Npz),
    (
        b"[Content_Types].xml",
        Format::Foreign("an Office file (.xlsx, .docx)", SHEET),
    ),
    (b"xl/", Format::Foreign("an Office file (.xlsx)", SHEET)),
    (
        b"opendocument",
        Format::Foreign("an OpenDocument file", SHEET),
    ),
    (
        b"data.pkl",
        Format::Foreign("a checkpoint of PyTorch", ARRAY),
    ),
];

/// Formats of text that begin, blanks aside, with a word of their own.
const OPENINGS: &[(&str, Format)] = &[
    ("<!doctype", Format::Foreign("an HTML page", NO_TABLE)),
    ("<html", Format::Foreign("an HTML page", NO_TABLE)),
    ("<?xml", Format::Foreign("XML", NO_TABLE)),
    ("<svg", Format::Foreign("an SVG image", NO_TABLE)),
];

/// Tells the format by the first [`HEAD`] bytes of a file, or by all of them if they are fewer.
pub(super) fn sniff(head: &[u8]) -> Format {
    let begins = |known: &[(&[u8], Format)]| {
        let found = known.iter().find(|(magic, _)| head.starts_with(magic));
        found.map(|(_, format)| *format)
    };
    if let Some(format) = begins(TEXTUAL) {
        return format;
    }
    // Text may begin so too: a column may be called ORC.
    if !is_text(head) {
        if let Some(format) = begins(MAGIC) {
            return format;
        }
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            let holds = |name: &[u8]| head.windows(name.len()).any(|bytes| bytes == name);
            let known = ARCHIVES.iter().find(|(name, _)| holds(name));
            return known.map_or(Format::Foreign("a zip archive", EXTRACT), |(_, format)| {
                *format
            });
        }
        if head.get(257..262) == Some(b"ustar") {
            return Format::Foreign("a tar archive", EXTRACT);
        }
    }
    let head = String::from_utf8_lossy(&head[..head.len().min(1024)]);
    let start = head.trim_start_matches('\u{feff}').trim_start();
    let opens = |word: &str| {
        let beginning = start.get(..word.len());
        beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(word))
    };
    if let Some((_, format)) = OPENINGS.iter().find(|(word, _)| opens(word)) {
        return *format;
    }
    if is_json(start) {
        return Format::Foreign("JSON, or a list of Python's", FRAME);
    }
    if is_arff(&head) {
        return Format::Foreign(
            "an ARFF file (Weka)",
            "remove the lines with @, and name the columns in the first row",
        );
    }
    Format::Text
}

/// Whether the bytes are UTF-8, up to a character that is cut, without control characters but those of lines.
fn is_text(head: &[u8]) -> bool {
    let is_control = |byte: &u8| *byte < b' ' && !b"\t\n\x0b\x0c\r".contains(byte);
    let is_utf8 =
        std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
    is_utf8 && !head.iter().any(is_control)
}

/// Whether a text begins as JSON or a list does: a bracket alone does not make one, as in a header `[mm],y`.
fn is_json(text: &str) -> bool {
    let inside = |bracket: char| text.strip_prefix(bracket).map(str::trim_start);
    if let Some(object) = inside('{') {
        return object.starts_with(['"', '}']);
    }
    inside('[').is_some_and(|list| {
        let first = list.split(']').next().unwrap_or_default();
        let is_value = first.starts_with(|c: char| c.is_ascii_digit() || "-.\"'".contains(c));
        list.starts_with(['[', '{', ']']) || (is_value && first.contains(','))
    })
}

/// Whether the first line that is neither blank nor a comment declares a relation.
fn is_arff(head: &str) -> bool {
    let mut lines = head.lines().map(str::trim_start);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('%'));
    let word = first.and_then(|line| line.get(.."@relation".len()));
    word.is_some_and(|word| word.eq_ignore_ascii_case("@relation"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        for (head, name) in [
            (&b"PK\x03\x04\x14\0\x06\0[Content_Types].xml"[..], "Office"),
            (
                b"PK\x03\x04\x14\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
                "OpenDocument",
            ),
            (b"PK\x03\x04\x14\0archive/data.pkl", "PyTorch"),
            (b"PK\x05\x06", "zip"),
            (b"\x89HDF\r\n\x1a\n", "HDF5"),
            (b"PAR1\x15\0", "Parquet"),
            (b"\x80\x04\x95", "pickle"),
            (b"\x89PNG\r\n\x1a\n\0", "PNG"),
            (b"SQLite format 3\0", "SQLite"),
            (b"MATLAB 5.0 MAT-file, Platform\0", "MATLAB"),
            (b"BZh91AY&SY\xd7\xff", "bzip2"),
            (b"\xff\xfe1\0,\0", "UTF-16"),
            (b"\xff\xfe\0\x001\0\0\0", "UTF-32"),
            (b" \n{\"a\": 1}", "JSON"),
            (b"\xef\xbb\xbf[[1, 2]]", "JSON"),
            (b"[1.5, 2]", "list"),
            (b"[ [ 1 ] ]", "list"),
            (b"<!DOCTYPE html>", "HTML"),
            (b"% weather\n\n@RELATION weather\n", "ARFF"),
            (b"%PDF-1.7", "PDF"),
            (&[&[b'a'; 257][..], b"ustar\0"].concat(), "tar"),
        ] {
            let found = sniff(head);
            assert!(
                matches!(found, Format::Foreign(format, _) if format.contains(name)),
                "{name}: {found:?}"
            );
        }
    }

    #[test]
    fn what_is_read_is_told_too() {
        assert_eq!(sniff(b"\x93NUMPY\x01\0"), Format::Npy);
        assert_eq!(sniff(b"PK\x03\x04\x14\0\0\0x.npy"), Format::Npz);
        assert_eq!(sniff(b"%%MatrixMarket matrix"), Format::MatrixMarket);
        assert_eq!(sniff(b"\x1f\x8b\x08"), Format::Gzip);
        for text in [
            "",
            "1,2\n",
            "% comment\n1 2\n",
            "x,y\n",
            "PK\n1\n",
            "ä\n",
            "BZ,h\n",
            "<5,>5\n",
            "ORC,PAR1\n",
            "PAR1,PAR2\n1,2\n",
            "[mm],y\n",
            "{a},b\n",
            "GIF8\n",
            "[1] 0.5 0.7\n",
        ] {
            assert_eq!(sniff(text.as_bytes()), Format::Text, "{text}");
        }
    }
}
