package import Diagnostics
package import Templates
import YAML

extension Diagnostic.Code {
    static let emptyTemplate = Self(rawValue: "empty-template")
    static let longTemplate = Self(rawValue: "template-too-long")
}

/// How the line ends of a template file are registered.
package enum Newlines: String, Sendable, CaseIterable {
    /// CRLF becomes LF.
    case lf
    /// They stay as they are.
    case keep
}

/// Whether a byte order mark at the start of a template file is registered.
enum ByteOrderMark: String, CaseIterable {
    /// It is not.
    case drop
    /// It is.
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
    private let ignored: [IgnoredWarnings]

    /// Reads the text of a template file.
    ///
    /// - Parameters:
    ///   - source: The file.
    ///   - reading: How the text is taken; line ends of a chat prompt are YAML's, which are LF.
    ///   - library: Has the files that it includes.
    init(_ source: TemplateSource, _ reading: TemplateReading, _ library: inout PartLibrary) {
        let path = source.path
        var found: [Diagnostic] = []
        var ignored = [IgnoredWarnings(in: source.raw, path: path)]
        let slips = ignored[0].slips
        var parts: Set<TemplatePart> = []
        var wholes: [TemplateText] = []
        let own = source.keyed ?? Self.content(of: source, reading)
        let marked = DialectText(own, of: source, reading.syntax)
        let chat = source.chat ?? marked.chat
        var room = TemplateLoader.sizeLimit
        for text in chat?.contents ?? [own] {
            // Plain text is registered as it is.
            let text = reading.syntax == .none ? text : ignored[0].takeComments(out: text)
            let whole = library.whole(text, of: path, reading, limit: room)
            room = max(0, room - whole.text.text.utf8.count)
            wholes.append(whole.text)
            if parts.isEmpty { parts = whole.parts } else { parts.formUnion(whole.parts) }
            found += whole.diagnostics
            ignored += whole.ignored.values
        }
        analysis = reading.syntax.analyze(wholes, others: chat?.others ?? [])
        found += Set(slips + ignored.dropFirst().flatMap(\.slips))
        let text = chat?.json(with: analysis.registered) ?? analysis.registered.joined()
        found += chat?.diagnostics ?? []
        // What is an error in the file's format is no variable with a mistake in it.
        let ofFormat = marked.diagnostics + marked.errors(in: wholes)
        let errors = Set(ofFormat.compactMap(\.location))
        found += ofFormat
        found += analysis.diagnostics.filter { !($0.location.map(errors.contains) ?? false) }
        if !found.contains(where: { $0.severity == .error }) { found += Self.checkLength(text, of: source) }
        self.ignored = ignored
        diagnostics = found.filter { finding in !ignored.contains { $0.contain(finding) } }
        template = LoadedTemplate(
            path: path, isChat: chat != nil, text: text,
            parts: TemplateParts(parts, of: wholes, chat?.messageNumbers ?? [1], path: path))
    }

    /// Whether no comment silences a finding.
    func reports(_ finding: Diagnostic) -> Bool { !ignored.contains { $0.contain(finding) } }

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
            let folder = FilePath.folder(of: path)
            var library = PartLibrary(
                folder: folder, resolvedFolder: TextFile.resolved(folder.isEmpty ? "." : folder))
            let file = TemplateFile(source, TemplateReading(syntax: syntax), &library)
            diagnostics.addSource(raw, path: path)
            for (path, text) in library.sources { diagnostics.addSource(text, path: path) }
            diagnostics.add(contentsOf: source.diagnostics.filter(file.reports) + file.diagnostics)
            return (diagnostics.hasErrors ? nil : file, diagnostics)
        } catch {
            diagnostics.add(error, .unreadableTemplate, "the template '\(path)'", path: path)
            return (nil, diagnostics)
        }
    }

    /// Whether nothing is wrong but that there is no text.
    func isEmpty(_ raw: String) -> Bool {
        raw.isBlank || diagnostics.contains { $0.code == .emptyTemplate && $0.severity == .error }
    }

    /// The endings of files that hold a template.
    package static let endings = TemplateDiscovery.endings + PromptDocument.endings

    /// Where the file uses each variable first.
    package var places: [String: SourceLocation] {
        var places: [String: SourceLocation] = [:]
        for variable in analysis.variables { places[variable.name] = variable.location }
        return places
    }

    // MARK: Text

    /// The text to register: without one final newline, with CRLF made LF unless line ends are kept, and without a byte
    /// order mark unless it is kept; that is no column.
    static func content(of source: TemplateSource, _ reading: TemplateReading) -> TemplateText {
        let hasMark = source.line == 1 && source.raw.utf8.starts(with: [0xEF, 0xBB, 0xBF])
        let isDropped = hasMark && reading.byteOrderMark == .drop
        return TemplateText(
            content(of: Array(isDropped ? source.bytes.dropFirst(3) : source.bytes), reading.newlines),
            start: SourceLocation(
                file: source.path, line: source.line, column: hasMark && !isDropped ? 0 : 1))
    }

    private static func content(of raw: [UInt8], _ newlines: Newlines) -> String {
        let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        var bytes = raw
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
        let place = source.keyed?.start ?? SourceLocation(file: source.path, line: source.line)
        let limit = TemplateLoader.characterLimit
        if registered.isBlank {
            return [.error(.emptyTemplate, "the template is empty", at: place)]
        }
        let count = registered.scalarCount
        if count > limit {
            let message = "the template has \(count) characters; MLflow takes at most \(limit)"
            return [.error(.longTemplate, message, at: place)]
        }
        return []
    }
}

extension String {
    /// Whether there is nothing but white space and byte order marks.
    var isBlank: Bool { unicodeScalars.allSatisfy { $0.properties.isWhitespace || $0 == "\u{FEFF}" } }

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
        [".j2", ".jinja", ".jinja2", ".prompty"].contains(where: path.hasSuffix)
    }

    /// How a file writes variables.
    ///
    /// - Parameters:
    ///   - source: The file, whose ending tells where nothing else does.
    ///   - settings: What the job and the file say of the prompt.
    ///   - other: What the job says of all of its files.
    init(of source: TemplateSource, settings: YAMLNode?, otherwise other: String?) {
        let own =
            settings?["syntax"]?.text ?? source.syntax?.rawValue
            ?? (Self.isJinja(source.path) ? "jinja2" : other)
        self = own.flatMap(TemplateSyntax.init(rawValue:)) ?? .mustache
    }
}
