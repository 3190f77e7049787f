package import Diagnostics
package import Templates

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
    /// The errors and warnings.
    package let diagnostics: [Diagnostic]
    /// The variables of the file, with their places.
    let analysis: TemplateAnalysis

    private static let chatEndings = [".chat.yaml", ".chat.yml"]

    /// Reads the text of a template file.
    ///
    /// - Parameters:
    ///   - raw: The whole text.
    ///   - path: The path, as it is shown to the user; its ending marks a chat prompt.
    ///   - syntax: How the file writes variables.
    ///   - newlines: How its line ends are registered; those of a chat prompt are YAML's, which are LF.
    init(_ raw: String, path: String, syntax: TemplateSyntax, newlines: Newlines) {
        let isChat = Self.chatEndings.contains(where: path.hasSuffix)
        var found: [Diagnostic] = []
        let text: String
        if isChat {
            let chat = ChatFile(raw, path: path)
            analysis = syntax.analyze(chat.contents)
            text = chat.json(with: analysis.registered)
            found += chat.diagnostics
        } else {
            let content = Self.content(of: raw, newlines)
            analysis = syntax.analyze([TemplateText(content, start: SourceLocation(file: path))])
            text = analysis.registered.joined()
        }
        found += analysis.diagnostics
        if !found.contains(where: { $0.severity == .error }) {
            found += Self.checkLength(text, raw: raw, path: path)
        }
        diagnostics = found
        template = LoadedTemplate(path: path, isChat: isChat, text: text)
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
            let syntax = syntax ?? TemplateSyntax(ofFile: path)
            let file = TemplateFile(raw, path: path, syntax: syntax, newlines: .lf)
            diagnostics.addSource(raw, path: path)
            diagnostics.add(contentsOf: file.diagnostics)
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
    private static func content(of raw: String, _ newlines: Newlines) -> String {
        let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        var bytes = Array(raw.utf8)
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

    private static func checkLength(_ registered: String, raw: String, path: String) -> [Diagnostic] {
        let place = SourceLocation(file: path)
        let limit = TemplateLoader.characterLimit
        if registered.allSatisfy(\.isWhitespace) {
            return [.error(.emptyTemplate, "the template is empty", at: place)]
        }
        let count = registered.scalarCount
        if count > limit {
            let message = "the template has \(count) characters; MLflow takes at most \(limit)"
            return [.error(.longTemplate, message, at: place)]
        }
        if raw.unicodeScalars.first == "\u{FEFF}" {
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
    init(ofFile path: String) { self = path.hasSuffix(".j2") ? .jinja2 : .mustache }
}
