extension String {
    /// The text as one word of a shell, for commands that are printed: in quotes only where it would not be one.
    package var shellWord: String {
        let isPlain = utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "+")...UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "_"): true
            case UInt8(ascii: "%"): true
            // No character beyond ASCII means anything to a shell.
            case 0x80...: true
            default: false
            }
        }
        return isPlain && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
    }
}
