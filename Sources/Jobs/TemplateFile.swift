package import Diagnostics
package import Templates
import YAML

extension Diagnostic.Code {
    static let emptyTemplate = Self(rawValue: "empty-template")
    static let longTemplate = Self(rawValue: "template-too-long")
    static let byteOrderMark = Self(rawValue: "byte-order-mark")
}

/// How the line ends of a template file are registered.
package enum Newlines: String, Sendable, CaseIterable {
    /// CRLF becomes LF.
    case lf
    /// They stay as they are.
    case keep
}

/// A template file that was read.
package struct TemplateFile: Sendable {
    /// The template as it is registered.
    package let template: LoadedTemplate
    /// The errors and warnings, apart from those of what the file says besides its prompt.
    package let diagnostics: [Diagnostic]
    /// The variables of the file, with their places.
    let analysis: TemplateAnalysis

    /// Reads the text of a template file.
    ///
    /// - Parameters:
    ///   - source: The file.
    ///   - syntax: How the file writes variables.
    ///   - newlines: How its line ends are registered; those of a chat prompt are YAML's, which are LF.
    init(_ source: TemplateSource, syntax: TemplateSyntax, newlines: Newlines) {
        let path = source.path
        var found: [Diagnostic] = []
        let text: String
        if source.isChat {
            let chat = ChatFile(source.raw, path: path)
            analysis = syntax.analyze(chat.contents)
            text = chat.json(with: analysis.registered)
            found += chat.diagnostics
        } else {
            let content = Self.content(of: source.bytes, newlines)
            let start = SourceLocation(file: path, line: source.line)
            analysis = syntax.analyze([TemplateText(content, start: start)])
            text = analysis.registered.joined()
        }
        found += analysis.diagnostics
        if !found.contains(where: { $0.severity == .error }) {
            found += Self.checkLength(text, of: source)
        }
        diagnostics = found
        template = LoadedTemplate(path: path, isChat: source.isChat, text: text)
    }

    /// Reads a template file that no job names.
    ///
    /// - Parameters:
    ///   - path: The path, as the user wrote it.
    ///   - syntax: How the file writes variables; nil takes `jinja2` for `.j2`, else `mustache`.
    /// - Returns: The template, nil when there are errors, and the errors and warnings.
    package static func load(
        _ path: String, syntax: TemplateSyntax?
    ) -> (file: TemplateFile?, diagnostics: DiagnosticList) {
        var diagnostics = DiagnosticList()
        do throws(TextFileError) {
            let raw = try TextFile.text(of: path, limit: TemplateLoader.sizeLimit)
            let source = TemplateSource(raw, path: path, frontMatter: .read)
            let syntax = syntax ?? TemplateSyntax(of: source, settings: source.settings, otherwise: nil)
            let file = TemplateFile(source, syntax: syntax, newlines: .lf)
            diagnostics.addSource(raw, path: path)
            diagnostics.add(contentsOf: source.diagnostics + file.diagnostics)
            return (diagnostics.hasErrors ? nil : file, diagnostics)
        } catch {
            diagnostics.add(error, .unreadableTemplate, "the template '\(path)'", path: path)
            return (nil, diagnostics)
        }
    }

    /// Where the file uses each variable first.
    package var places: [String: SourceLocation] {
        var places: [String: SourceLocation] = [:]
        for variable in analysis.variables { places[variable.name] = variable.location }
        return places
    }

    // MARK: Text

    /// The text to register: without one final newline, and with CRLF made LF unless line ends are kept.
    private static func content(of raw: Substring.UTF8View, _ newlines: Newlines) -> String {
        let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        var bytes = Array(raw)
        if bytes.last == lineFeed {
            bytes.removeLast()
            if bytes.last == carriageReturn { bytes.removeLast() }
        }
        guard newlines == .lf, bytes.contains(carriageReturn) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        let kept = bytes.indices.filter {
            bytes[$0] != carriageReturn || $0 + 1 == bytes.count || bytes[$0 + 1] != lineFeed
        }
        return String(decoding: kept.map { bytes[$0] }, as: UTF8.self)
    }

    private static func checkLength(_ registered: String, of source: TemplateSource) -> [Diagnostic] {
        let place = SourceLocation(file: source.path, line: source.line)
        let limit = TemplateLoader.characterLimit
        if registered.allSatisfy(\.isWhitespace) {
            return [.error(.emptyTemplate, "the template is empty", at: place)]
        }
        let count = registered.scalarCount
        if count > limit {
            let message = "the template has \(count) characters; MLflow takes at most \(limit)"
            return [.error(.longTemplate, message, at: place)]
        }
        if source.line == 1, source.raw.unicodeScalars.first == "\u{FEFF}" {
            let message = "the template begins with a byte order mark, which is registered with it"
            return [.warning(.byteOrderMark, message, at: place)]
        }
        return []
    }
}

extension String {
    /// The number of Unicode scalars, which is what Python counts; by their first bytes, as that is fast.
    var scalarCount: Int {
        var text = self
        return text.withUTF8 { bytes in bytes.count { $0 & 0xC0 != 0x80 } }
    }
}

extension TemplateSyntax {
    /// How a file writes variables where nothing says so: as its ending tells.
    init(ofFile path: String) { self = Self.isJinja(path) ? .jinja2 : .mustache }

    private static func isJinja(_ path: String) -> Bool {
        [".j2", ".jinja", ".jinja2"].contains(where: path.hasSuffix)
    }

    /// How a file writes variables.
    ///
    /// - Parameters:
    ///   - source: The file, whose ending tells where nothing else does.
    ///   - settings: What the job and the file say of the prompt.
    ///   - other: What the job says of all of its files.
    init(of source: TemplateSource, settings: YAMLNode?, otherwise other: String?) {
        let own = settings?["syntax"]?.text ?? (Self.isJinja(source.path) ? "jinja2" : other)
        self = own.flatMap(TemplateSyntax.init(rawValue:)) ?? .mustache
    }
}
