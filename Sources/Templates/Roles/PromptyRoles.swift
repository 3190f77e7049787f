package import Diagnostics

extension Diagnostic.Code {
    /// What a mark of a message says besides its role.
    package static let roleAttributes = Diagnostic.Code(rawValue: "role-attributes")
    /// An image in a text, which other programs send as an image.
    package static let imageAsText = Diagnostic.Code(rawValue: "image-as-text")
    /// A role with a text behind it, which begins no message.
    package static let unmarkedRole = Diagnostic.Code(rawValue: "unmarked-role")
}

extension TemplateText {
    /// The messages of a Prompty file: each begins with a line such as `system:`.
    ///
    /// - Returns: The messages, nil where no line marks one, and a warning for each mark that says more than its role, and
    ///   for each image, which Prompty sends apart from the text.
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
        if !marks.isEmpty { warnings += imageWarnings(source) }
        return (messages(at: marks, first: "system"), warnings)
    }

    /// What is said of a Prompty file without messages whose lines have roles with a text behind them, such as `user: Hi`;
    /// nil where none has.
    package func unmarkedRole() -> Diagnostic? {
        let source = Source(text)
        var places = PlaceFinder(source, of: self)
        var start = 0
        while start < source.bytes.count {
            let end = source.offset(of: UInt8(ascii: "\n"), from: start) ?? source.bytes.count
            if let colon = source.offset(of: UInt8(ascii: ":"), from: start, to: end),
                source.promptyMark(start..<(colon + 1)) != nil
            {
                let mark = source.excerpt(start..<(colon + 1))
                return .warning(
                    .unmarkedRole,
                    "'\(source.excerpt(start..<end))' begins no message: a text is behind the role",
                    at: places.place(at: start),
                    help: "leave '\(mark)' alone on its line, and the text below it")
            }
            start = end + 1
        }
        return nil
    }

    private func imageWarnings(_ source: Source) -> [Diagnostic] {
        var places = PlaceFinder(source, of: self)
        return source.images().map { image in
            .warning(
                .imageAsText, "'\(source.excerpt(image))' is registered as text; Prompty sends the image",
                at: places.place(at: image.lowerBound),
                length: source.bytes[image].count { !$0.isUTF8Continuation },
                help:
                    "in a .chat.yaml, write a part of the content: {type: image_url, image_url: {url: \"{{image}}\"}}"
            )
        }
    }
}

extension Source {
    /// The images of Markdown, `![what it shows](file.png)`.
    fileprivate func images() -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start = 0
        while let open = find("![", from: start) {
            let line = offset(of: UInt8(ascii: "\n"), from: open) ?? bytes.count
            start = open + 2
            guard let bracket = offset(of: UInt8(ascii: "]"), from: start, to: line), has("](", at: bracket),
                let end = offset(of: UInt8(ascii: ")"), from: bracket + 2, to: line), end > bracket + 2
            else { continue }
            found.append(open..<(end + 1))
            start = end + 1
        }
        return found
    }

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
