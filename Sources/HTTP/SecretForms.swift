import FoundationEssentials

/// The spellings in which a server may repeat what it was sent.
enum SecretForms {
    /// The spellings of a header's value: all of it, what follows its scheme and a password, each of them as it is,
    /// backwards, in hexadecimal and in base64. Escapes for JSON, URLs or HTML are left to `SecretPattern`.
    ///
    /// - Parameter value: The value, such as `Bearer TOKEN`.
    /// - Returns: The spellings, each once.
    static func all(of value: String) -> Set<String> {
        var parts = [value] + value.split(separator: " ").dropFirst().map(String.init)
        if value.hasPrefix("Basic "), let data = Data(base64Encoded: String(value.dropFirst(6))) {
            let pair = String(decoding: data, as: UTF8.self)
            parts += [pair, String(pair.drop { $0 != ":" }.dropFirst())]
        }
        var forms: Set<String> = []
        for part in parts where !part.isEmpty {
            for text in [part, String(String.UnicodeScalarView(part.unicodeScalars.reversed()))] {
                forms.insert(text)
                forms.insert(hexadecimal(text))
                forms.formUnion(base64(text))
            }
        }
        return forms
    }

    private static func hexadecimal(_ text: String) -> String {
        text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// A text in base64, alone or within a longer text: which digits stand for it depends on where it begins there.
    private static func base64(_ text: String) -> [String] {
        let whole = Data(text.utf8).base64EncodedString().prefix { $0 != "=" }
        let within = (0..<3).map { offset -> Substring in
            let data = Data(repeating: 0, count: offset) + Data(text.utf8)
            // The digits that have bits of what stands before or after it are left out.
            return data.base64EncodedString().prefix(data.count * 8 / 6).dropFirst((offset * 8 + 5) / 6)
        }
        return ([whole] + within).flatMap { digits in
            [String(digits), String(digits.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })]
        }
    }
}
