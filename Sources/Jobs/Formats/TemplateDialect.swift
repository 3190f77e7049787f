import Diagnostics
import Templates
import YAML

/// A format of prompt files whose text has more than variables in it.
enum TemplateDialect {
    /// Variables alone.
    case plain
    /// Handlebars, with `{{role "user"}}` before each message.
    case dotprompt
    /// Jinja2, with a line such as `user:` before each message.
    case prompty

    /// The format of a file.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - header: The front matter, where it is read.
    ///   - body: The text below it.
    init(path: String, header: YAMLNode?, body: @autoclosure () -> ArraySlice<UInt8> = []) {
        if path.hasSuffix(".prompty") || header.map({ Self.isPrompty($0, body) }) == true {
            self = .prompty
        } else if path.hasSuffix(".prompt") || Self.isDotprompt(header) {
            self = .dotprompt
        } else {
            self = .plain
        }
    }

    /// How a file of the format writes variables where nothing says so; nil where the format does not tell.
    ///
    /// - Parameter header: The front matter, where it is read.
    /// - Returns: The syntax.
    func syntax(_ header: YAMLNode?) -> TemplateSyntax? {
        switch self {
        case .plain: nil
        case .dotprompt: Self.isDotprompt(header) ? .mustache : nil
        case .prompty: .jinja2
        }
    }

    /// Whether front matter is clearly Prompty's. Others have a mapping at `model`, too, and a text may have a line such as
    /// `system:` in it: either several keys are Prompty's, or the text begins with such a line.
    private static func isPrompty(_ header: YAMLNode, _ body: () -> ArraySlice<UInt8>) -> Bool {
        let model = header["model"]?.entries
        let keys = ["model", "sample", "inputs", "outputs", "authors", "template"].filter {
            header[$0] != nil
        }
        guard !keys.isEmpty else { return false }
        let isOwn = model?.contains { ["api", "apiType", "configuration"].contains($0.key) } == true
        if isOwn || keys.count > 1 && (model != nil || header["sample"] != nil) { return true }
        let text = body().drop { $0 <= UInt8(ascii: " ") }
        let line = String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        return TemplateText(line, start: SourceLocation(file: "")).promptyMessages().messages != nil
    }

    private static func isDotprompt(_ header: YAMLNode?) -> Bool {
        ["input", "output", "config"].contains { header?[$0]?.entries != nil }
    }
}

/// A text of one of the formats, taken apart.
struct DialectText {
    /// The messages that the text marks; nil for a text.
    private(set) var chat: ChatFile?
    /// What is wrong with its marks of messages.
    private(set) var diagnostics: [Diagnostic] = []
    /// Whether tags are those of Handlebars.
    private var isHandlebars = false
    private var isDotprompt = false
    private let declared: Set<String>

    /// Takes a text apart.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - source: Its file.
    ///   - syntax: How it writes variables.
    init(_ text: TemplateText, of source: TemplateSource, _ syntax: TemplateSyntax) {
        declared = Set(source.settings?["variables"]?.items?.compactMap(\.text) ?? [])
        guard let dialect = source.dialect, syntax != .none else { return }
        isHandlebars = syntax == .mustache && dialect != .plain
        var messages: [MarkedMessage]?
        if dialect == .prompty {
            if source.isCompletion { return }
            (messages, diagnostics) = text.promptyMessages()
            if messages == nil { diagnostics = [text.unmarkedRole()].compactMap(\.self) }
        } else if syntax != .python {
            isDotprompt = dialect == .dotprompt
            messages = text.dotpromptMessages(isDotprompt: isDotprompt)
            if messages != nil { isHandlebars = syntax == .mustache }
        }
        guard let messages else { return }
        chat = ChatFile(messages)
        if messages.isEmpty {
            diagnostics.append(.error(.badChat, "no message has a content", at: text.start))
        }
    }

    /// What MLflow cannot fill in.
    ///
    /// - Parameter texts: The texts of the messages, or the text alone, with their parts.
    /// - Returns: The errors.
    func errors(in texts: [TemplateText]) -> [Diagnostic] {
        guard isHandlebars else { return [] }
        // Outside of a chat it is a variable as any other.
        let variables = chat == nil ? declared.union(["history"]) : declared
        return texts.flatMap { $0.handlebarsErrors(variables: variables, isDotprompt: isDotprompt) }
    }
}
