"""The `files` kind: a folder, file or glob of CSV, JSON, Parquet and XLSX, read by DuckDB.

`config` what may be set, `listing` which files, `naming` which streams, `content` bytes and limits,
`dialect` how a text file is written, `formats/` the scan of each format, `connector` the whole.
"""
