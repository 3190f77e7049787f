package import Diagnostics

extension Diagnostic.Code {
    /// What a mark of a message says besides its role.
    package static let roleAttributes = Diagnostic.Code(rawValue: "role-attributes")
}

extension TemplateText {
    /// The messages of a Prompty file: each begins with a line such as `system:`.
    ///
    /// - Returns: The messages, nil where no line marks one, and a warning for each mark that says more than its role.
    package func promptyMessages() -> (messages: [MarkedMessage]?, warnings: [Diagnostic]) {
        let source = Source(text)
        var places = PlaceFinder(source, of: self)
        var marks: [RoleMark] = []
        var warnings: [Diagnostic] = []
        var start = 0
        while start < source.bytes.count {
            let end = source.offset(of: UInt8(ascii: "\n"), from: start) ?? source.bytes.count
            if let mark = source.promptyMark(start..<end) {
                marks.append(RoleMark(role: chatRole(mark.role), range: start..<end))
                if let attributes = mark.attributes {
                    warnings.append(
                        .warning(
                            .roleAttributes, "'\(source.excerpt(attributes))' of the message is left out",
                            at: places.place(at: attributes.lowerBound), length: attributes.count))
                }
            }
            start = end + 1
        }
        return (messages(at: marks, first: "system"), warnings)
    }
}

extension Source {
    /// The role that a line of Prompty marks: `system:`, also with a `#` before it and `[name=value]` behind it.
    fileprivate func promptyMark(_ line: Range<Int>) -> (role: String, attributes: Range<Int>?)? {
        var range = line
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        func trim() {
            while let first = bytes[range].first, isBlank(first) {
                range = (range.lowerBound + 1)..<range.upperBound
            }
            while let last = bytes[range].last, isBlank(last) {
                range = range.lowerBound..<(range.upperBound - 1)
            }
        }
        trim()
        // The longest mark without attributes has 11 characters; most lines of a text are told by their end.
        guard bytes[range].last == UInt8(ascii: ":") else { return nil }
        range = range.lowerBound..<(range.upperBound - 1)
        trim()
        while bytes[range].first == UInt8(ascii: "#") { range = (range.lowerBound + 1)..<range.upperBound }
        trim()
        var attributes: Range<Int>?
        if bytes[range].last == UInt8(ascii: "]"), let open = bytes[range].firstIndex(of: UInt8(ascii: "[")) {
            attributes = open..<range.upperBound
            range = range.lowerBound..<open
            trim()
        }
        guard range.count <= 9 else { return nil }
        let role = text(range).lowercased()
        let roles = ["system", "developer", "user", "assistant", "function", "tool", "model"]
        return roles.contains(role) ? (role, attributes) : nil
    }
}
