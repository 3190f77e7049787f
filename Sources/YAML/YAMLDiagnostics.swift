package import Diagnostics
package import Support

extension Diagnostic.Code {
    /// Text that is not YAML.
    package static let yamlSyntax = Diagnostic.Code(rawValue: "yaml-syntax")
    /// Bytes that are not UTF-8, or characters that YAML does not allow.
    package static let yamlEncoding = Diagnostic.Code(rawValue: "yaml-encoding")
    /// A key that its mapping already has.
    package static let yamlDuplicateKey = Diagnostic.Code(rawValue: "duplicate-key")
    /// A key that is a list or a mapping.
    package static let yamlKey = Diagnostic.Code(rawValue: "yaml-key")
    /// A merge key, `<<`.
    package static let yamlMergeKey = Diagnostic.Code(rawValue: "yaml-merge-key")
    /// An alias without its anchor, or inside it.
    package static let yamlAlias = Diagnostic.Code(rawValue: "yaml-alias")
    /// A tag that is not known, or that does not fit its value.
    package static let yamlTag = Diagnostic.Code(rawValue: "yaml-tag")
    /// A second document in one file.
    package static let yamlDocuments = Diagnostic.Code(rawValue: "yaml-documents")
    /// A document that is beyond the limits.
    package static let yamlLimit = Diagnostic.Code(rawValue: "yaml-limit")
    /// Text that is not JSON.
    package static let jsonSyntax = Diagnostic.Code(rawValue: "json-syntax")
}

/// Something wrong with a document, in whichever file it is.
package struct YAMLProblem: Error, Hashable, Sendable {
    var code: Diagnostic.Code
    /// What is wrong, as a sentence without its full stop.
    package var message: String
    /// Where.
    package var place: TextPosition
    var length = 1
    var help: String?

    /// The problem as a diagnostic of a file.
    func diagnostic(in file: String) -> Diagnostic {
        .error(
            code, message, at: SourceLocation(file: file, at: place), length: length, help: help)
    }
}
