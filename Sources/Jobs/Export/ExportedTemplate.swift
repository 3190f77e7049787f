import Diagnostics
import Prompts
import Support
import Templates
import YAML

/// A registered template as a file from which a job registers exactly this template.
struct ExportedTemplate: Hashable, Sendable {
    /// The file's text.
    let text: String
    /// The syntax that the job gives for the file.
    let syntax: TemplateSyntax
    /// The variables that have to be filled in, in order of appearance.
    let variables: [String]
    /// Whether the job keeps its line ends.
    let newlines: Newlines
    /// Whether the job keeps its byte order mark.
    let byteOrderMark: ByteOrderMark

    /// Exports a template.
    ///
    /// - Parameter content: The content that it belongs to.
    /// - Throws: Why it cannot be expressed as a file.
    init(of content: PromptContent) throws(ExportProblem) {
        let texts: [String]
        var others: [String] = []
        var byteOrderMark = ByteOrderMark.drop
        switch content.kind {
        case .text:
            texts = [content.template]
            if content.template.unicodeScalars.first == "\u{FEFF}" { byteOrderMark = .keep }
            newlines = content.template.hasCRLF ? .keep : .lf
            // Reading removes one newline. Before LF alone, a final CR would be removed too.
            let endsInReturn = content.template.utf8.last == UInt8(ascii: "\r")
            text = content.template + (endsInReturn || newlines == .keep ? "\r\n" : "\n")
        case .chat:
            let (messages, value) = try Self.messages(of: content.template)
            (texts, others) = ChatMessage.texts(of: messages)
            newlines = .lf
            text = value.readableYAMLText
        }
        self.byteOrderMark = byteOrderMark
        (syntax, variables) = Self.syntax(of: texts, others)
    }

    private static func messages(of template: String) throws(ExportProblem) -> ([ChatMessage], JSONValue) {
        do throws(ChatMessage.Problem) {
            let messages = try ChatMessage.messages(in: template)
            let ordered = messages.map { message in
                let first = [message.role.map { ("role", $0) }, message.content.map { ("content", $0) }]
                return JSONValue.object(
                    first.compactMap { $0 }.map { .init($0.0, .string($0.1)) } + message.others)
            }
            return (messages, .array(ordered))
        } catch {
            throw ExportProblem(reason: error.reason)
        }
    }

    /// The syntax that MLflow renders the texts in and the variables; MLflow's own form where Jinja2 refuses them,
    /// as the job has to be valid.
    private static func syntax(of texts: [String], _ others: [String]) -> (TemplateSyntax, [String]) {
        // What only plain text can hold: tags that a job replaces, and comments that it drops.
        let isLiteral = texts.contains { text in
            IgnoredWarnings.hasComments(text)
                || [.mustache, .jinja2].contains {
                    !TemplateText(text, start: SourceLocation(file: "")).includeTags($0).isEmpty
                }
        }
        if isLiteral { return (.none, []) }
        var analysis = TemplateSyntax.analyze(registered: texts, others: others)
        if analysis.diagnostics.contains(where: { $0.severity == .error }) {
            analysis = TemplateSyntax.mustache.analyze(
                texts.map { TemplateText($0, start: SourceLocation(file: "")) },
                others: others.map { TemplateText($0, start: SourceLocation(file: "")) })
            // Plain text has no variables that MLflow could not fill in.
            if analysis.diagnostics.contains(where: { $0.severity == .error }) { return (.none, []) }
        }
        return (analysis.syntax, analysis.variables.filter { !$0.isOptional }.map(\.name))
    }
}

/// Why a prompt cannot be expressed as a job.
struct ExportProblem: Error {
    /// The reason, as a sentence without its full stop.
    let reason: String
}

extension String {
    /// Whether any line ends in CRLF.
    fileprivate var hasCRLF: Bool {
        var last: UInt8 = 0
        for byte in utf8 {
            if byte == UInt8(ascii: "\n"), last == UInt8(ascii: "\r") { return true }
            last = byte
        }
        return false
    }
}
