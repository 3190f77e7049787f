import Diagnostics
import Support
import Templates
import YAML

/// A template file that was read, before its variables are looked for.
struct TemplateSource {
    /// The path, as it is shown to the user.
    let path: String
    /// The whole text.
    let raw: String
    /// What the file says of its own prompt; nil where it says nothing.
    private(set) var settings: YAMLNode?
    /// The messages of a chat prompt; nil for another one.
    private(set) var chat: ChatFile?
    /// The text of a prompt at a key of a file.
    private(set) var keyed: TemplateText?
    /// What the file's text has besides variables; nil where it is registered as it stands.
    private(set) var dialect: TemplateDialect?
    /// How the file's format writes variables; nil where there is none, or it does not tell.
    private(set) var syntax: TemplateSyntax?
    /// Whether the file's format has a text that is no chat.
    private(set) var isCompletion = false
    /// The variables that the file declares and need not use.
    private(set) var optionalVariables: Set<String> = []
    /// Whether a variable that the file declares stands for its members, too.
    private(set) var declaresRoots = false
    /// Where the file says its settings.
    private(set) var origins = FileOrigins()
    /// What is wrong with the file, apart from the prompt's own text.
    private(set) var diagnostics: [Diagnostic] = []
    private var isKeyed = false
    /// The offset of the prompt's text in the file.
    private var start = 0
    /// The line that the prompt's text begins on.
    private(set) var line = 1

    /// Reads a file of text, or one of YAML or JSON as a whole.
    ///
    /// - Parameters:
    ///   - raw: The whole text.
    ///   - path: The path, as it is shown to the user; its ending tells what it is.
    ///   - frontMatter: What happens to its front matter.
    init(_ raw: String, path: String, frontMatter: FrontMatterMode) {
        self.path = path
        self.raw = raw
        if let conflict = Diagnostic.conflict(in: raw, path: path) {
            diagnostics = [conflict]
            return
        }
        if PromptDocument.isDocument(path) {
            let document = PromptDocument(raw, path: path)
            take(DocumentPrompt(document, frontMatter), of: document)
        } else {
            readFrontMatter(frontMatter)
            if frontMatter != .keep, start == 0 { checkMessages() }
        }
        addInvisible()
    }

    /// Reads a prompt at a key of a file.
    ///
    /// - Parameters:
    ///   - document: The file.
    ///   - key: The key in the job.
    init(_ document: PromptDocument, at key: YAMLNode) {
        isKeyed = true
        (path, raw) = (document.path, document.raw)
        if let conflict = document.conflict {
            diagnostics = [conflict]
            return
        }
        take(DocumentPrompt(document, at: key), of: document)
        addInvisible()
    }

    /// Whether the file holds messages, in YAML or JSON.
    var isChat: Bool { chat != nil }

    /// What declares the variables that the file itself names, in a message.
    var declarer: String { isChat ? "the file" : "the front matter" }

    /// Whether there is a prompt at all.
    var hasPrompt: Bool { !isKeyed || chat != nil || keyed != nil }

    private mutating func take(_ prompt: DocumentPrompt, of document: PromptDocument) {
        (chat, keyed, diagnostics) = (prompt.chat, prompt.text, prompt.diagnostics)
        guard let found = prompt.settings, let root = document.root else { return }
        diagnostics += found.diagnostics
        take(found, at: root)
    }

    /// Warns of a list of messages that is taken for text.
    private mutating func checkMessages() {
        guard raw.utf8.first(where: { $0 > 0x20 }) == UInt8(ascii: "["), raw.contains("\"role\""),
            PromptDocument(raw, path: path).root?.messages != nil
        else { return }
        diagnostics.append(
            .warning(
                .registeredAsIs, "the file is a list of messages, and is registered as text",
                at: SourceLocation(file: path),
                help:
                    "let its name end in .chat.json to make a chat; front_matter: keep means the file as it stands"
            ))
    }

    /// Warns of characters that nobody sees.
    private mutating func addInvisible() {
        // Most texts are ASCII.
        guard raw.utf8.contains(where: { $0 >= 0x80 }) else { return }
        let text = raw.unicodeScalars.dropFirst(raw.unicodeScalars.first == "\u{FEFF}" ? 1 : 0)
        // A soft hyphen is seen where a line breaks.
        let places = text.indices.filter { text[$0].isInvisible && text[$0] != "\u{AD}" }
        guard let first = places.first else { return }
        let (code, others) = (String(text[first].value, radix: 16, uppercase: true), places.count - 1)
        let offset = raw.utf8.distance(from: raw.startIndex, to: first)
        let position = TextPosition(ofByte: offset, in: Array(raw.utf8))
        diagnostics.append(
            .warning(
                .invisibleText,
                "nobody sees the character U+\(code)\(others > 0 ? ", and \(others) more like it" : "")",
                at: SourceLocation(file: path, at: position),
                help: "remove it: a text can say with such characters what its reviewers do not know of"))
    }

    private mutating func take(_ found: FileSettings, at root: YAMLNode) {
        settings = found.node(at: root.location)
        (optionalVariables, declaresRoots) = (found.optionalVariables, found.declaresRoots)
        origins = found.origins
    }

    private mutating func readFrontMatter(_ frontMatter: FrontMatterMode) {
        if frontMatter == .keep { return }
        dialect = TemplateDialect(path: path, header: nil)
        syntax = dialect?.syntax(nil)
        if path.hasSuffix(".poml") {
            diagnostics.append(
                .warning(
                    .registeredAsIs, "the file is POML, and is registered as it stands",
                    at: SourceLocation(file: path),
                    help: "MLflow fills in its variables, and nothing else; front_matter: keep means that"))
        }
        if !raw.utf8.mayHaveFrontMatter {
            if FrontMatter.isBelowBlankLines(raw, path: path) {
                diagnostics.append(
                    .warning(
                        .unclosedFrontMatter,
                        "the file begins with a blank line, so that what looks like front matter is registered as text",
                        at: SourceLocation(file: path),
                        help: "take the blank line out; front_matter: keep means the file as it stands"))
            }
            return
        }
        guard let header = FrontMatter(of: Array(raw.utf8), path: path) else {
            if let line = FrontMatter.unclosedLine(Array(raw.utf8)) {
                diagnostics.append(
                    .warning(
                        .unclosedFrontMatter,
                        "the file begins like front matter without its closing '---', and is registered as it stands",
                        at: SourceLocation(file: path, line: line),
                        help: "add the line '---' below it; front_matter: keep means the file as it stands"))
            }
            return
        }
        (start, line) = (header.end, header.endLine)
        if frontMatter == .drop { return }
        diagnostics = header.diagnostics.map(Self.explained)
        if let root = header.root, diagnostics.isEmpty {
            let dialect = TemplateDialect(path: path, header: root, body: bytes)
            let found = FileSettings(of: root, as: .frontMatter(dialect))
            diagnostics += found.diagnostics
            take(found, at: root)
            isCompletion = found.isCompletion
            self.dialect = dialect
            syntax = dialect.syntax(root)
        }
    }

    /// Whether a file has to be a list of messages, by its ending.
    static func isChat(_ path: String) -> Bool { DocumentPrompt.isChat(path) }

    /// The bytes of the prompt's text.
    var bytes: ArraySlice<UInt8> { Array(raw.utf8)[start...] }

    private static func explained(_ diagnostic: Diagnostic) -> Diagnostic {
        var diagnostic = diagnostic
        let way = "front_matter: keep registers it as it stands, drop leaves it out"
        diagnostic.help = diagnostic.help.map { "\($0); \(way)" } ?? way
        return diagnostic
    }
}

extension String.UTF8View {
    /// Whether a text begins like front matter; a byte order mark may come first.
    fileprivate var mayHaveFrontMatter: Bool {
        starts(with: "---".utf8) || starts(with: "\u{FEFF}---".utf8)
    }
}
