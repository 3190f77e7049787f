import Diagnostics
import Prompts
import Support
import Templates

extension Diagnostic.Code {
    static let includeCycle = Self(rawValue: "include-cycle")
    static let includeTooDeep = Self(rawValue: "include-too-deep")
    static let missingPart = Self(rawValue: "missing-part")
    static let unreadablePart = Self(rawValue: "unreadable-part")
}

/// A file whose text is a part of a template.
package struct TemplatePart: Hashable, Sendable, Codable {
    /// The path, as it is shown to the user.
    package var path: String
    /// A digest of its own text.
    package var digest: String
}

/// How the text of a template file is taken.
struct TemplateReading: Hashable {
    /// How the file writes variables.
    var syntax: TemplateSyntax
    /// How its line ends are registered.
    var newlines = Newlines.lf
    /// Whether its byte order mark is registered.
    var byteOrderMark = ByteOrderMark.drop
}

/// Puts the texts of other files in the place of `{{> NAME}}` and `{% include "NAME" %}`. Each file is read once.
struct PartLibrary {
    /// A text with the texts of its parts in it.
    struct Whole {
        /// The text.
        var text: TemplateText
        /// The parts, those of parts too, by path.
        var parts: Set<TemplatePart> = []
        /// What is wrong with the tags.
        var diagnostics: [Diagnostic] = []
        /// The warnings that comments silence, by path.
        var ignored: [String: IgnoredWarnings] = [:]
        /// How many files are nested in it.
        var depth = 0
    }

    /// How deep parts may be nested.
    static let depthLimit = 20
    private static let mostRepetitions = 20

    /// The folder of the templates, as it is shown to the user.
    let folder: String
    let resolvedFolder: String?
    /// The texts of the files that were read, for findings in them.
    private(set) var sources: [String: String] = [:]
    private var wholes: [Key: Known] = [:]
    private var repetitions = 0
    var found: [Name: Found] = [:]
    private var hints = NameHints()

    private struct Key: Hashable {
        var resolved: PathKey
        var reading: TemplateReading
    }

    /// A file of which a text is a part; to resolve that of the template takes long, and is rarely wanted.
    private typealias Link = (path: String, resolved: String?)

    /// A text that was put together, and where it was met: one that was too deep there need not be elsewhere.
    private struct Known {
        var whole: Whole
        var isCut: Bool
        var depth: Int
    }

    struct Name: Hashable {
        var folder: PathKey
        var name: PathKey
        var ending: PathKey
    }

    /// What a name leads to.
    enum Found {
        case file(path: String, resolved: String)
        case outside
        case hidden
        case none
    }

    /// A library of the files in a folder.
    init(folder: String, resolvedFolder: String?) {
        self.folder = folder
        self.resolvedFolder = resolvedFolder
    }

    /// Puts in the parts of a template.
    ///
    /// - Parameters:
    ///   - text: The text, without comments that silence warnings.
    ///   - path: Its file, as it is shown to the user.
    ///   - reading: How the file is taken.
    ///   - limit: The most bytes.
    /// - Returns: The text, and what is wrong with its tags.
    mutating func whole(
        _ text: TemplateText, of path: String, _ reading: TemplateReading, limit: Int
    ) -> Whole {
        let tags = text.includeTags(reading.syntax)
        if tags.isEmpty { return Whole(text: text) }
        return whole(text, tags, chain: [(path, nil)], reading, limit: limit)
    }

    private mutating func whole(
        _ text: TemplateText, _ tags: [IncludeTag], chain: [Link],
        _ reading: TemplateReading, limit: Int = TemplateLoader.sizeLimit
    ) -> Whole {
        var result = Whole(text: text)
        var texts: [TemplateText] = []
        var size = 0
        // A part may be put in often, and its own parts in it: each finding is told once.
        var told: Set<Diagnostic> = []
        for tag in tags {
            let part = self.part(tag, chain: chain, reading)
            texts.append(part.text)
            size += part.text.text.utf8.count
            // Most texts have one part, whose own need not be hashed again.
            if result.parts.isEmpty { result.parts = part.parts } else { result.parts.formUnion(part.parts) }
            result.diagnostics += part.diagnostics.filter { told.insert($0).inserted }
            if result.ignored.isEmpty {
                result.ignored = part.ignored
            } else {
                result.ignored.merge(part.ignored) { first, _ in first }
            }
            result.depth = max(result.depth, part.depth)
            // A small text may name very many parts that are long.
            if size > limit { break }
        }
        if size <= limit, let whole = text.replacing(tags, with: texts, limit: limit) {
            result.text = whole
        } else if let tag = tags.first {
            let nothing = tags.map { TemplateText("", start: $0.location) }
            result.text = text.replacing(tags, with: nothing, limit: .max) ?? text
            result.diagnostics.append(
                .error(
                    .longTemplate,
                    "with its parts, '\(chain.last?.path ?? "")' has more than \(TemplateLoader.sizeLimit) bytes",
                    at: tag.location, length: tag.length))
        }
        return result
    }

    /// What a tag is replaced by: nothing where it cannot be, and nothing else is said of it then.
    private mutating func part(
        _ tag: IncludeTag, chain: [Link], _ reading: TemplateReading
    ) -> Whole {
        let nothing = TemplateText("", start: tag.location)
        func refused(_ code: Diagnostic.Code, _ message: String, help: String? = nil) -> Whole {
            let finding = Diagnostic.error(code, message, at: tag.location, length: tag.length, help: help)
            return Whole(text: nothing, diagnostics: [finding])
        }
        guard let name = tag.name, let last = chain.last else {
            return Whole(text: nothing, diagnostics: [tag.problem].compactMap(\.self))
        }
        let path: String
        let resolved: String
        switch find(name, from: last.path) {
        case .file(let found, let place): (path, resolved) = (found, place)
        case .outside:
            return refused(
                .outsideFolder, "'\(name)' is outside '\(folder)'",
                help: "parts must be in the job's prompts_dir, also after resolving symbolic links")
        case .none:
            let places = Set([FilePath.folder(of: last.path), folder]).sorted().map { "'\($0)'" }
            let library = self
            let inner = FilePath.inner(name).first { isFile($0, from: last.path) }
            let near =
                inner.map { "did you mean '\($0)'?" }
                ?? hints.didYouMean(name, in: library.names(near: last.path, without: name))
            return refused(
                .missingPart, "there is no file '\(name)' in \(places.joined(separator: " or "))",
                help: near.map { "\($0) (\(Self.forms(of: name)))" } ?? Self.forms(of: name))
        case .hidden:
            return refused(
                .unreadablePart, "'\(name)' is hidden, and hidden files are no parts", help: "rename the file"
            )
        }
        do throws(PartProblem) {
            return try whole(ofPart: path, resolved, chain: chain, reading)
        } catch {
            return refused(error.code, error.message)
        }
    }

    /// Why a file cannot be put in.
    private struct PartProblem: Error {
        let code: Diagnostic.Code
        let message: String
    }

    /// The text of a file that the last of the chain puts in.
    private mutating func whole(
        ofPart path: String, _ resolved: String, chain: [Link], _ reading: TemplateReading
    ) throws(PartProblem) -> Whole {
        var reading = reading
        reading.byteOrderMark = .drop
        let key = Key(resolved: PathKey(resolved), reading: reading)
        let steps = { (chain.map(\.path) + [path]).joined(separator: " → ") }
        let known = wholes[key].flatMap { isFinal($0, at: chain.count) ? $0.whole : nil }
        let whole: Whole
        if let known, known.diagnostics.isEmpty {
            whole = known
        } else if chain.contains(where: {
            PathKey($0.resolved ?? TextFile.resolved($0.path) ?? $0.path) == key.resolved
        }) {
            throw PartProblem(code: .includeCycle, message: "the parts include each other: \(steps())")
        } else {
            do throws(TextFileError) {
                if let known {
                    whole = known
                } else {
                    whole = try self.whole(ofFile: path, key, chain: chain + [(path, resolved)])
                }
            } catch {
                throw PartProblem(code: .unreadablePart, message: "the part '\(path)' \(error.reason)")
            }
        }
        if chain.count + whole.depth > Self.depthLimit {
            throw PartProblem(
                code: .includeTooDeep,
                message: "parts are nested more than \(Self.depthLimit) deep: \(Self.short(steps()))")
        }
        return whole
    }

    /// Whether a text that was put together need not be put together again, so deep as it is met now. A job with parts that
    /// are too deep fails in any case, so that no more than some are.
    private mutating func isFinal(_ known: Known, at depth: Int) -> Bool {
        if !known.isCut || known.depth <= depth || repetitions >= Self.mostRepetitions { return true }
        repetitions += 1
        return false
    }

    /// The text of a file, the last of the chain, with its parts.
    private mutating func whole(
        ofFile path: String, _ key: Key, chain: [Link]
    ) throws(TextFileError) -> Whole {
        let reading = key.reading
        if TemplateSource.isChat(path) {
            throw TextFileError(reason: "is a chat prompt, which cannot be a part of a text")
        }
        let raw = try TextFile.text(of: path, limit: TemplateLoader.sizeLimit)
        sources[path] = raw
        var ignored = IgnoredWarnings()
        let source = TemplateSource(raw, path: path, frontMatter: .drop)
        let text = ignored.takeComments(out: TemplateFile.content(of: source, reading))
        var result = Whole(text: text)
        let tags = text.includeTags(reading.syntax)
        let isTooDeep = chain.count > Self.depthLimit && !tags.isEmpty
        if !tags.isEmpty, !isTooDeep { result = whole(text, tags, chain: chain, reading) }
        if let conflict = Diagnostic.conflict(in: raw, path: path) { result.diagnostics.append(conflict) }
        result.depth += 1
        if isTooDeep { result.depth = Self.depthLimit }
        result.parts.insert(TemplatePart(path: path, digest: ShortDigest.of([text.text])))
        result.ignored[path] = ignored
        let isCut = isTooDeep || result.diagnostics.contains { $0.code == .includeTooDeep }
        wholes[key] = Known(whole: result, isCut: isCut, depth: chain.count - 1)
        return result
    }

    private static func short(_ steps: String) -> String {
        let all = steps.split(separator: " → ", omittingEmptySubsequences: false)
        return all.count <= 6 ? steps : (all.prefix(4) + ["…"] + all.suffix(1)).joined(separator: " → ")
    }
}
