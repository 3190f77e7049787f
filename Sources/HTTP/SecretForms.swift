import FoundationEssentials

/// The spellings in which a server may repeat what it was sent.
enum SecretForms {
    /// The spellings of a header's value: all of it, what follows its scheme and a password, each of them as it is,
    /// backwards, in hexadecimal, in base64 and base32, and escaped for URLs, once or twice. Escapes for JSON or HTML are
    /// left to `SecretPattern`.
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
            forms.formUnion([part, String(String.UnicodeScalarView(part.unicodeScalars.reversed()))])
            forms.formUnion(escapedForURLs(part))
            for alphabet in alphabets { forms.formUnion(encoded(part, alphabet)) }
        }
        return forms
    }

    /// A text with `%40` for `@`, and with `%2540`. Who escapes agrees on neither every character nor the case.
    private static func escapedForURLs(_ text: String) -> [String] {
        ["-._~", "-._~/", "-._~!'()*"].map { [UInt8]($0.utf8) }.flatMap { plain in
            [false, true].flatMap { isUppercase in
                let escape = { (text: String) in
                    text.utf8.reduce(into: "") { escaped, byte in
                        let character = Character(Unicode.Scalar(byte))
                        if character.isASCII, character.isLetter || character.isNumber || plain.contains(byte)
                        {
                            escaped.append(character)
                        } else {
                            let code = String(byte, radix: 16, uppercase: isUppercase)
                            escaped += code.utf8.count == 1 ? "%0" + code : "%" + code
                        }
                    }
                }
                return [escape(text), escape(escape(text))]
            }
        }
    }

    /// The digits of hexadecimal numbers, base32 and base64.
    private static let alphabets = {
        let upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        let all = upper + upper.lowercased() + "0123456789"
        return [
            "0123456789abcdef", "0123456789ABCDEF", upper + "234567", upper.lowercased() + "234567",
            all + "+/",
            all + "-_",
        ].map { Array($0.utf8) }
    }()

    /// A text in other digits, alone or within a longer text: which of them stand for it depends on where it begins there.
    private static func encoded(_ text: String, _ alphabet: [UInt8]) -> [String] {
        let width = alphabet.count.trailingZeroBitCount
        let repetition = width == 4 ? 1 : width == 5 ? 5 : 3
        let within = (0..<repetition).map { offset -> ArraySlice<UInt8> in
            let bytes = Array(repeating: 0, count: offset) + Array(text.utf8)
            // The digits that have bits of what stands before or after it are left out.
            return digits(bytes, alphabet).prefix(bytes.count * 8 / width)
                .dropFirst((offset * 8 + width - 1) / width)
        }
        return ([digits(Array(text.utf8), alphabet)[...]] + within).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Bytes in other digits, without what fills them up.
    private static func digits(_ bytes: [UInt8], _ alphabet: [UInt8]) -> [UInt8] {
        let width = alphabet.count.trailingZeroBitCount
        var (digits, rest, count) = ([UInt8](), 0, 0)
        for byte in bytes {
            (rest, count) = (rest << 8 | Int(byte), count + 8)
            while count >= width {
                count -= width
                digits.append(alphabet[rest >> count])
                rest &= 1 << count - 1
            }
        }
        return count > 0 ? digits + [alphabet[rest << (width - count)]] : digits
    }
}
