import Support

/// The folder that an address names, read as MLflow reads it: `local_file_uri_to_path` of `mlflow.utils.file_utils`.
///
/// What MLflow would take for a folder that nobody means, such as one named after a host, is refused.
enum FilePath {
    /// Reads a `file:` address: its authority, query and fragment are left out, and percent escapes are decoded.
    ///
    /// - Parameter address: The address.
    /// - Returns: The path, relative or absolute.
    /// - Throws: What is wrong with the address.
    static func path(ofAddress address: String) throws(Problem) -> String {
        guard address.hasPrefix("file:") else {
            throw Problem("MLflow knows the scheme in lower case only", hint: "use file:DIR")
        }
        var rest = address.dropFirst("file:".count)
        if rest.hasPrefix("//") {
            let authority = rest.dropFirst(2).prefix { !"/?#".contains($0) }
            try check(authority)
            rest = rest[authority.endIndex...]
        }
        // Scalars are looked at, as a character may be a '#' with an accent.
        return try decode(Substring(rest.unicodeScalars.prefix { $0 != "#" && $0 != "?" }))
    }

    /// Decodes the percent escapes of a path; a `%` without two digits after it is left.
    ///
    /// - Parameter text: The path as an address has it.
    /// - Returns: The path.
    /// - Throws: What is wrong with it.
    static func decode(_ text: Substring) throws(Problem) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let escaped = Self.byte(rest.prefix(2)) {
                bytes.append(escaped)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        guard let path = String(validating: bytes, as: UTF8.self) else {
            throw Problem("its percent escapes are not UTF-8")
        }
        if path.hasControlCharacter { throw Problem("it has an escaped control character") }
        if path.isEmpty { throw Problem("it has no directory") }
        if path.hasPrefix("~") {
            throw Problem(
                "the shell does not expand '~' here",
                hint: "write the whole path, such as file:/home/me/mlruns")
        }
        return path
    }

    /// A path with escapes for what would be read as one, as a query or as a fragment.
    ///
    /// - Parameter path: The path.
    /// - Returns: What `file:` stands in front of in an address.
    static func encode(_ path: String) -> String {
        guard path.utf8.contains(where: { "%?#".utf8.contains($0) }) else { return path }
        return path.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "%": text += "%25"
            case "?": text += "%3F"
            case "#": text += "%23"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// What is wrong with an address.
    struct Problem: Error {
        let message: String
        let hint: String?

        init(_ message: String, hint: String? = nil) {
            self.message = message
            self.hint = hint
        }
    }

    /// Checks that an authority names this machine, as MLflow's `is_local_uri` does.
    private static func check(_ authority: Substring) throws(Problem) {
        let isPlain = authority.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: ":"):
                true
            default: false
            }
        }
        let host = authority.prefix { $0 != ":" }.lowercased()
        guard isPlain, ["", "."].contains(host) || host.hasPrefix("localhost") || host.hasPrefix("127.0.0.1")
        else {
            throw Problem(
                "what follows file:// is the name of a machine, and only this one can be named",
                hint: "use file:DIR for a relative path, or file:///DIR for an absolute one")
        }
    }

    private static func byte(_ digits: Substring.UTF8View) -> UInt8? {
        let text = Substring(digits)
        guard text.utf8.count == 2, text.allSatisfy(\.isASCII), text.allSatisfy(\.isHexDigit) else {
            return nil
        }
        return UInt8(text, radix: 16)
    }
}
