package import Diagnostics

/// A document that was read, with what is wrong with it.
package struct ParsedYAML: Sendable {
    /// The document's value; nil when it is empty, or when it could not be read to its end.
    ///
    /// It is there beside errors that leave the rest of the document readable: duplicate keys (the first one
    /// counts), merge keys (left out), unknown aliases (read as null), wrong tags (read as if not there).
    package var root: YAMLNode?
    /// What is wrong, in the order of the document; empty when the document is sound.
    package var diagnostics: [Diagnostic]
}

/// Reads a document that a user wrote.
///
/// - Parameters:
///   - bytes: The document, UTF-8 with or without a byte order mark, which no column counts.
///   - file: The path as it is shown to the user.
///   - limits: How large it may be.
/// - Returns: The value and everything that is wrong with it.
package func parseYAML(_ bytes: [UInt8], file: String, limits: YAMLLimits = .init()) -> ParsedYAML {
    let (root, problems) = YAMLParser.parse(bytes, file: file, limits: limits)
    return ParsedYAML(root: root, diagnostics: problems.map { $0.diagnostic(in: file) })
}
