import Diagnostics
import Prompts
import Support
import Templates
import YAML

/// A template as a file, such that a job which names the file registers just this template.
struct ExportedTemplate: Hashable, Sendable {
    /// What the file holds.
    let text: String
    /// How the file is said to write variables.
    let syntax: TemplateSyntax
    /// The variables that have to be filled in, in order of appearance.
    let variables: [String]
    /// Whether its line ends have to be kept.
    let newlines: Newlines

    /// Writes a template down.
    ///
    /// - Parameter prompt: The prompt.
    /// - Throws: Why it cannot be said in a file.
    init(of prompt: RegisteredPrompt) throws(ExportProblem) {
        guard prompt.isChat else {
            newlines = prompt.template.hasCRLF ? .keep : .lf
            text = Self.file(holding: prompt.template, newlines)
            (syntax, variables) = Self.syntax(of: [prompt.template])
            return
        }
        let messages = try Self.messages(of: prompt)
        text = ChatMessage.list(messages.map { ($0.role, $0.content) }).readableYAMLText
        newlines = .lf
        (syntax, variables) = Self.syntax(of: messages.map(\.content))
    }

    /// The text with one newline more, which is what reading takes away again.
    private static func file(holding text: String, _ newlines: Newlines) -> String {
        // A lone return would become a part of the newline behind it.
        let endsInReturn = text.utf8.last == UInt8(ascii: "\r")
        return text + (endsInReturn || newlines == .keep ? "\r\n" : "\n")
    }

    private static func messages(
        of prompt: RegisteredPrompt
    ) throws(ExportProblem) -> [(role: String, content: String)] {
        let messages: [(role: String, content: String, others: [JSONValue.Member])]
        do throws(ChatMessage.Problem) {
            messages = try ChatMessage.texts(in: prompt.template)
        } catch {
            throw ExportProblem(reason: error.reason)
        }
        for (index, message) in messages.enumerated() {
            guard let key = message.others.first?.key else { continue }
            throw ExportProblem(
                reason: "message \(index + 1) has the key '\(key)'; a job's messages have role and content")
        }
        return messages.map { ($0.role, $0.content) }
    }

    /// The syntax that MLflow renders the texts in and the variables; MLflow's own form where Jinja2 refuses them,
    /// as the job has to be valid.
    private static func syntax(of texts: [String]) -> (TemplateSyntax, [String]) {
        var analysis = TemplateSyntax.analyze(registered: texts)
        if analysis.diagnostics.contains(where: { $0.severity == .error }) {
            analysis = TemplateSyntax.mustache.analyze(
                texts.map { TemplateText($0, start: SourceLocation(file: "")) })
        }
        return (analysis.syntax, analysis.variables.filter { !$0.isOptional }.map(\.name))
    }
}

/// Why a prompt cannot be said in a job.
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
