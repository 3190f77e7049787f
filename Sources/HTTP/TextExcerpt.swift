/// Quotes a server's words: short, on one line, and without any credential.
enum TextExcerpt {
    /// A quotation without header values that are secret, with or without their scheme, such as `Bearer`.
    ///
    /// A text that is cut is the beginning of a longer one, and may end within a secret.
    static func of(_ text: String, hiding secrets: [Secret], isCut: Bool = false, limit: Int = 300) -> String
    {
        let shown = Self.hiding(secrets, in: text, isCut: isCut)
        let escaped = escape(shown)
        guard escaped.count > limit else { return escaped }
        return escaped.prefix(limit) + "…"
    }

    private static func hiding(_ secrets: [Secret], in text: String, isCut: Bool) -> String {
        let patterns = Set(secrets.flatMap { SecretForms.all(of: $0.reveal()) }).compactMap(
            SecretPattern.init
        )
        .sorted { $0.length > $1.length }
        guard !patterns.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var shown: [UInt8] = []
        var byStart: [UInt8: [SecretPattern]] = [:]
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let possible = byStart[byte] ?? patterns.filter { $0.mayBegin(with: byte) }
            byStart[byte] = possible
            let ends = possible.lazy.compactMap { $0.end(from: index, in: bytes, isCut: isCut) }
            if let end = ends.first {
                shown += Secret.hidden.utf8
                index = end
            } else {
                shown.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// A text on one line, with escapes for whatever could steer or fool a terminal.
    static func escape(_ text: String) -> String {
        var escaped = ""
        var pendingSpace = false
        for scalar in text.unicodeScalars {
            if scalar == " " || scalar == "\n" || scalar == "\t" || scalar == "\r" {
                pendingSpace = !escaped.isEmpty
                continue
            }
            if pendingSpace { escaped += " " }
            pendingSpace = false
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate:
                escaped += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
