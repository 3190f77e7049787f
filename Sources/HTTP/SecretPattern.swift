/// Finds a secret in a text, however the text spells its characters: escaped for JSON, URLs or HTML, once or more, on one
/// line or on several.
struct SecretPattern {
    private let scalars: [Unicode.Scalar]
    private let first: UInt8?

    /// A pattern; nil for a secret so short that it would hide ordinary words.
    init?(_ secret: String) {
        guard secret.utf8.count >= Self.least else { return nil }
        // However often a text escapes them, backslashes come in runs.
        var scalars: [Unicode.Scalar] = []
        for scalar in secret.unicodeScalars where scalar != "\\" || scalars.last != "\\" {
            scalars.append(scalar)
        }
        self.scalars = scalars
        first = secret.utf8.first
    }

    private static let least = 4

    /// Whether a text that begins with a byte may begin with the secret.
    func mayBegin(with byte: UInt8) -> Bool {
        "\\&%=+".utf8.contains(byte) || first.map { UInt8.isSameLetter($0, byte) } ?? false
    }

    /// How long the secret is.
    var length: Int { scalars.count }

    /// Looks for the secret at one place.
    ///
    /// - Parameters:
    ///   - start: The place.
    ///   - bytes: The text.
    ///   - isCut: Whether the text may end within a secret.
    /// - Returns: Where the secret ends; nil where none begins there.
    func end(from start: Int, in bytes: [UInt8], isCut: Bool) -> Int? {
        // Where the next character may begin: an `n` after a backslash is one, or the end of a line.
        var places = [start]
        for (count, scalar) in scalars.enumerated() {
            let begun = count == 0 ? places : places.flatMap { [$0, Self.afterBreaks(from: $0, in: bytes)] }
            let ends = Set(begun).flatMap { Self.ends(of: scalar, from: $0, in: bytes) }
            guard !ends.isEmpty else {
                let isEnd = begun.contains { bytes.count - $0 < 12 && Self.mayBeCut(bytes[$0...]) }
                return isCut && count >= Self.least && isEnd ? bytes.count : nil
            }
            places = ends
        }
        return places.max()
    }

    /// Whether there is nothing left, or a part of an escape.
    private static func mayBeCut(_ rest: ArraySlice<UInt8>) -> Bool {
        rest.first.map { "\\%=&".utf8.contains($0) } ?? true
    }

    /// Where a place leads past the breaks there: spaces, ends of lines and what else is not seen, or their escapes.
    ///
    /// Base64 comes in lines, and long lines are folded.
    private static func afterBreaks(from start: Int, in bytes: [UInt8]) -> Int {
        var index = start
        while index < bytes.count {
            if bytes[index] <= 0x20 || bytes[index] == 0x7F {
                index += 1
                continue
            }
            var letter = index
            while letter < bytes.count, bytes[letter] == UInt8(ascii: "\\") { letter += 1 }
            guard 0 < letter, letter < bytes.count, bytes[letter - 1] == UInt8(ascii: "\\"),
                "nrt".utf8.contains(bytes[letter])
            else { break }
            index = letter + 1
        }
        return index
    }

    // MARK: - One character

    private static func ends(of scalar: Unicode.Scalar, from start: Int, in bytes: [UInt8]) -> [Int] {
        var index = start
        while index < bytes.count, bytes[index] == UInt8(ascii: "\\") { index += 1 }
        let isEscaped = index > start
        if isEscaped, let end = end(ofCode: scalar, from: index, in: bytes) { return [end] }
        if scalar == "\\", isEscaped { return [index] }
        if let end = end(ofEntity: scalar, from: index, in: bytes) { return [end] }
        // `%25` may be itself, or stand for `%`; and `%2525` for either.
        if scalar == "%", bytes[index...].first == UInt8(ascii: "%") {
            var ends = [index + 1]
            var next = index + 1
            while bytes[next...].starts(with: "25".utf8) {
                next += 2
                ends.append(next)
            }
            return ends
        }
        return [
            end(ofPercent: scalar, from: index, in: bytes) ?? end(ofText: scalar, from: index, in: bytes)
        ].compactMap(\.self)
    }

    private static func end(ofText scalar: Unicode.Scalar, from start: Int, in bytes: [UInt8]) -> Int? {
        let rest = bytes[start...]
        if scalar == " ", rest.first == UInt8(ascii: "+") { return start + 1 }
        let wanted = Array(String(scalar).utf8)
        return rest.starts(with: wanted, by: UInt8.isSameLetter) ? start + wanted.count : nil
    }

    /// `u0041`, `x41` or `101`, after a backslash.
    private static func end(ofCode scalar: Unicode.Scalar, from start: Int, in bytes: [UInt8]) -> Int? {
        guard start < bytes.count else { return nil }
        let octal = String(decoding: bytes[start...].prefix(3), as: UTF8.self)
        if octal.utf8.count == 3, Int(octal, radix: 8) == Int(scalar.value) { return start + 3 }
        let digits = bytes[start] | 0x20 == UInt8(ascii: "u") ? 4 : 2
        guard digits == 4 || bytes[start] | 0x20 == UInt8(ascii: "x"),
            number(bytes[start...].dropFirst().prefix(digits), ofDigits: digits) == Int(scalar.value)
        else { return nil }
        return start + 1 + digits
    }

    /// `%41`, `=41`, or `%2541` where it was escaped twice.
    private static func end(ofPercent scalar: Unicode.Scalar, from start: Int, in bytes: [UInt8]) -> Int? {
        var index = start
        for byte in String(scalar).utf8 {
            guard index < bytes.count, "%=".utf8.contains(bytes[index]) else { return nil }
            index += 1
            while bytes[index...].starts(with: "25".utf8), byte != UInt8(ascii: "%") { index += 2 }
            guard number(bytes[index...].prefix(2), ofDigits: 2) == Int(byte) else { return nil }
            index += 2
        }
        return index
    }

    /// `&amp;`, `&#38;` or `&#x26;`.
    private static func end(ofEntity scalar: Unicode.Scalar, from start: Int, in bytes: [UInt8]) -> Int? {
        guard bytes[start...].first == UInt8(ascii: "&"),
            let semicolon = bytes[start...].prefix(12).firstIndex(of: UInt8(ascii: ";"))
        else { return nil }
        let name = String(decoding: bytes[start + 1..<semicolon], as: UTF8.self).lowercased()
        let isMeant: Bool
        if name.hasPrefix("#x") {
            isMeant = Int(name.dropFirst(2), radix: 16) == Int(scalar.value)
        } else if name.hasPrefix("#") {
            isMeant = Int(name.dropFirst()) == Int(scalar.value)
        } else {
            isMeant = entities[name] == scalar
        }
        return isMeant ? semicolon + 1 : nil
    }

    private static let entities: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'",
    ]

    private static func number(_ digits: ArraySlice<UInt8>, ofDigits count: Int) -> Int? {
        digits.count == count ? Int(String(decoding: digits, as: UTF8.self), radix: 16) : nil
    }
}

extension UInt8 {
    /// Whether two bytes are the same, or the same ASCII letter in another case.
    fileprivate static func isSameLetter(_ one: UInt8, _ other: UInt8) -> Bool {
        one == other || (one ^ other == 0x20 && UInt8(ascii: "a")...UInt8(ascii: "z") ~= one | 0x20)
    }
}
