package import Diagnostics
package import Support

/// A document that was read, with its problems.
package struct ParsedYAML: Sendable {
    /// The document's value; nil when it is empty or could not be read to its end.
    ///
    /// Some errors leave the document readable: duplicate keys (the first one counts), merge keys (left out),
    /// unknown aliases (read as null), wrong tags (ignored).
    package var root: YAMLNode?
    /// The problems, in the order of the document; empty when the document is valid.
    package var diagnostics: [Diagnostic]
}

/// Reads a document that a user wrote.
///
/// - Parameters:
///   - bytes: The document, UTF-8 with or without a byte order mark, which no column counts.
///   - file: The path as it is shown to the user.
///   - limits: How large it may be.
/// - Returns: The value and everything that is wrong with it.
package func parseYAML(_ bytes: [UInt8], file: String, limits: DocumentLimits = .init()) -> ParsedYAML {
    let (root, problems) = YAMLParser.parse(bytes, file: file, limits: limits)
    return ParsedYAML(root: root, diagnostics: problems.map { $0.diagnostic(in: file) })
}

/// Reads a JSON file that a user wrote. YAML's parser cannot do this: it knows no surrogate pairs.
///
/// - Parameters:
///   - bytes: The text, UTF-8 with or without a byte order mark, which no column counts.
///   - file: The path as it is shown to the user.
///   - limits: How much it may hold.
/// - Returns: The value, and the first thing that is wrong with it and all duplicate keys.
package func parseJSON(_ bytes: [UInt8], file: String, limits: DocumentLimits = .init()) -> ParsedYAML {
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    let (root, errors) = JSONReader<YAMLNode>.read(text, limits: limits) {
        element, position, length in
        let value: YAMLNode.Value =
            switch element {
            case .scalar(let scalar): YAMLNode.Value(scalar)
            case .array(let items): .sequence(items)
            case .object(let members):
                .mapping(
                    members.map {
                        YAMLEntry(
                            key: $0.key, keyLocation: SourceLocation(file: file, at: $0.position),
                            keyLength: $0.length, value: $0.value)
                    })
            }
        return YAMLNode(value: value, location: SourceLocation(file: file, at: position), length: length)
    }
    return ParsedYAML(root: root, diagnostics: errors.map { YAMLProblem($0).diagnostic(in: file) })
}

/// Reads a document that a user wrote, as its name says: `.json` is JSON, all others are YAML.
///
/// - Parameters:
///   - text: The document.
///   - file: The path as it is shown to the user.
///   - limits: How much it may hold.
/// - Returns: The value and everything that is wrong with it.
package func parseDocument(_ text: String, file: String, limits: DocumentLimits = .init()) -> ParsedYAML {
    let bytes = Array(text.utf8)
    return file.lowercased().hasSuffix(".json")
        ? parseJSON(bytes, file: file, limits: limits) : parseYAML(bytes, file: file, limits: limits)
}

extension YAMLProblem {
    fileprivate init(_ error: JSONError) {
        let code: Diagnostic.Code =
            switch error.kind {
            case .syntax: .jsonSyntax
            case .encoding: .yamlEncoding
            case .limit: .yamlLimit
            case .duplicateKey: .yamlDuplicateKey
            }
        self.init(code: code, message: error.message, place: error.position, length: error.length)
    }
}

extension JSONValue {
    /// Reads one YAML document within the default limits; an empty one is `null`.
    ///
    /// - Parameter bytes: The document, UTF-8.
    /// - Throws: The first thing that is wrong with it, duplicate keys and unknown tags included.
    package init(parsingYAML bytes: [UInt8]) throws(YAMLProblem) {
        let (root, problems) = YAMLParser.parse(bytes, file: "", limits: DocumentLimits())
        if let first = problems.first { throw first }
        self = root?.plain ?? .null
    }
}
