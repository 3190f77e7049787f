import Diagnostics
import Prompts
import Support
import Templates
import YAML

/// A prompt of a job that is drafted for files as they are.
struct DraftPrompt: Sendable {
    /// The name within the job.
    var name: String
    /// A longer one, for two of the same name.
    let longName: String
    /// The file, as it is shown to the user.
    let path: String
    /// What of the path is that of the folder of the templates.
    private let folder: String
    /// The keys of the prompt's entry in the job.
    private(set) var entry: JSONValue
    /// What whoever reads the job has to look at.
    private(set) var notes: [String] = []
    /// Why it is a comment in the job and no prompt; nil where it is one.
    private(set) var obstacle: String?
    /// The files that its text has in it, as they are shown to the user.
    private(set) var parts: [String] = []
    /// Whether the text has variables.
    private(set) var hasVariables = false

    /// Takes a prompt for what it is.
    ///
    /// - Parameters:
    ///   - source: The prompt's text.
    ///   - file: Its file, relative to the folder of the templates.
    ///   - key: The key in the file; nil for a whole one.
    ///   - names: What to call it, and what to call it where another prompt has that name.
    ///   - format: What the file says of how it writes variables, in the words of LangChain or Semantic Kernel.
    ///   - note: What else is to be looked at.
    ///   - library: The files that may be included.
    init(
        _ source: TemplateSource, file: String, key: DocumentKey? = nil, names: (String, longer: String),
        format: String? = nil, note: String? = nil, _ library: inout PartLibrary
    ) {
        (name, longName) = (
            Self.valid(names.0), Self.valid(Self.isNameless(names.0) ? names.0 : names.longer)
        )
        path = source.path
        folder = String(path.dropLast(file.count))
        entry = ["file": .text(file)]
        if let key { entry["key"] = .text(key.text) }
        if names.0.contains(where: { !$0.isASCII && ($0.isLetter || $0.isNumber) }) {
            notes.append("Give it a name: '\(names.0)' has letters that a name cannot have".escapedForComment)
        }
        if let note { notes.append(note.escapedForComment) }
        let reading = SyntaxGuess(source, format: format, &library)
        if reading.isWritten { entry["syntax"] = .string(reading.syntax.rawValue) }
        hasVariables = !reading.file.analysis.variables.isEmpty
        parts = reading.file.template.parts?.files.map(\.path) ?? []
        if let format = reading.unknownFormat {
            leaveOut("it is written for \(format)")
        } else if let error = reading.error {
            leaveOut(error.message, at: error.location)
        } else if let first = reading.warnings.first {
            let more = reading.warnings.count - 1
            notes.append(
                placed(first.message, at: first.location) + (more == 0 ? "" : ", and \(more) more"))
        }
    }

    /// Where it is, relative to the folder of the templates.
    var place: String {
        let key = entry["key"].map { ", key: \($0.flowYAML)" } ?? ""
        return path.dropFirst(folder.utf8.count) + key
    }

    /// Takes the longer name, as others would be called the same.
    ///
    /// - Parameters:
    ///   - other: Where one of these is.
    ///   - more: How many more there are.
    mutating func nameApart(from other: String, andMore more: Int) {
        let others = other + (more > 0 ? " and \(more) more" : "")
        notes.append("'\(name)' would be the name of \(others), too".escapedForComment)
        name = longName
    }

    /// Makes it a comment.
    ///
    /// - Parameters:
    ///   - reason: Why.
    ///   - place: Where that is seen.
    mutating func leaveOut(_ reason: String, at place: SourceLocation? = nil) {
        if obstacle == nil { obstacle = placed(reason, at: place) }
    }

    /// Makes it a comment, as its messages are written as LangChain takes them.
    mutating func leaveOutMessages() {
        notes = []
        entry["syntax"] = nil
        obstacle = "it is a list of LangChain's messages; \(YAMLNode.messageForm)"
    }

    /// Makes it a comment where its name is longer than that of a prompt may be; as a key it would be no YAML.
    mutating func leaveOutLongName() {
        guard name.utf8.count > NameRules.longestName else { return }
        leaveOut("its name would have more than \(NameRules.longestName) characters")
    }

    /// The lines of the prompt in the job.
    var lines: [String] {
        let text = "\(JSONValue.string(name).flowYAML): \(entry.flowYAML)"
        return notes.map { "# \($0)" } + (obstacle.map { ["# Left out: \($0)", "# \(text)"] } ?? [text])
    }

    /// A message with its place, by paths relative to the folder of the templates.
    private func placed(_ message: String, at place: SourceLocation?) -> String {
        let text = place.map { "\($0.file):\($0.line): \(message)" } ?? message
        return (folder.isEmpty ? text : text.replacing(folder, with: "")).escapedForComment
    }

    /// A name that a prompt can have in every registry; Unity Catalog takes no dots.
    private static func valid(_ name: String) -> String {
        if isNameless(name) { return "prompt" }
        let name = words(name).joined(separator: "_")
        return TextPattern.promptName.problem(name) == nil ? name : "p" + name
    }

    /// Whether nothing of a name can stay.
    private static func isNameless(_ name: String) -> Bool {
        words(name).allSatisfy { word in word.allSatisfy { "_-".contains($0) } }
    }

    private static func words(_ name: String) -> [Substring] {
        name.split { !($0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0))) }
    }
}

extension String {
    /// The text on one line of a comment in YAML, with the characters made visible that YAML has not even there.
    var escapedForComment: String {
        escapedForTerminal.replacing("\u{FFFE}", with: "\\u{fffe}").replacing("\u{FFFF}", with: "\\u{ffff}")
    }
}

/// How a file without a job seems to write its variables.
private struct SyntaxGuess {
    /// How.
    private(set) var syntax: TemplateSyntax
    /// The file as it is read so.
    private(set) var file: TemplateFile
    /// Whether a job has to say so.
    private(set) var isWritten = false
    /// The format that the file names and MLflow does not have.
    let unknownFormat: String?
    private let source: TemplateSource

    /// The syntaxes by their names elsewhere.
    private static let formats: [String: TemplateSyntax] = [
        "f-string": .python, "jinja2": .jinja2, "mustache": .mustache, "handlebars": .mustache,
    ]

    init(_ source: TemplateSource, format: String?, _ library: inout PartLibrary) {
        self.source = source
        unknownFormat = format.flatMap { Self.formats[$0] == nil ? $0 : nil }
        let usual = TemplateSyntax(of: source, settings: source.settings, otherwise: nil)
        syntax = format.flatMap { Self.formats[$0] } ?? usual
        file = TemplateFile(source, TemplateReading(syntax: syntax), &library)
        if format == nil, source.settings?["syntax"] == nil {
            let others: [TemplateSyntax] = file.rendersAsJinja ? [.jinja2, .python] : [.python, .jinja2]
            for other in others where other != usual && isDoubtful {
                let otherFile = TemplateFile(source, TemplateReading(syntax: other), &library)
                // After a `$`, as in a shell's text, it cannot be told whether a name in braces is a variable.
                if otherFile.isReadable, other != .python || !otherFile.template.text.contains("${{"),
                    isBetter(other) || error != nil
                {
                    (syntax, file) = (other, otherFile)
                    break
                }
            }
        }
        isWritten = syntax != usual
    }

    var error: Diagnostic? { findings.first { $0.severity == .error } }
    var warnings: [Diagnostic] { findings.filter { $0.severity == .warning } }

    private var findings: [Diagnostic] { source.diagnostics.filter(file.reports) + file.diagnostics }

    /// Whether another syntax may be meant.
    private var isDoubtful: Bool {
        file.diagnostics.contains { $0.severity == .error } && !isHandlebars
            || file.rendersAsJinja || file.hasSingleBraces && file.analysis.variables.isEmpty
    }

    /// Whether the file has what only Handlebars reads so, and `str.format` as braces.
    private var isHandlebars: Bool {
        file.diagnostics.contains { $0.code == .handlebars }
            && (file.template.isChat
                || ["{{#", "{{/", "{{!", "{{@", "{{media "].contains(where: source.raw.contains))
    }

    /// Whether a syntax in which the file can be read is rather the one that it is written in.
    private func isBetter(_ other: TemplateSyntax) -> Bool {
        other == .jinja2 ? file.rendersAsJinja : file.hasSingleBraces && file.analysis.variables.isEmpty
    }
}

extension TemplateFile {
    /// Whether it has variables, and nothing is wrong.
    fileprivate var isReadable: Bool {
        !analysis.variables.isEmpty && !diagnostics.contains { $0.severity == .error }
    }

    /// Whether MLflow fills it in by Jinja2 though it is read otherwise.
    fileprivate var rendersAsJinja: Bool { diagnostics.contains { $0.code == .rendersAsJinja } }

    /// Whether it has what `str.format` would fill in.
    fileprivate var hasSingleBraces: Bool { diagnostics.contains { $0.code == .singleBrace } }
}
