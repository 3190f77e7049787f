/// The version of this program.
let toolVersion = "0.1.0"

/// When that version was made, for the man page.
let toolDate = "2026-11-21"
