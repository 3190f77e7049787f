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
    private static let endings = [".md", ".txt", ".prompt", ".j2", ".jinja2", ".jinja", ".mustache", ".html"]

    /// The folder of the templates, as it is shown to the user.
    private let folder: String
    private let resolvedFolder: String?
    /// The texts of the files that were read, for findings in them.
    private(set) var sources: [String: String] = [:]
    private var wholes: [Key: Known] = [:]
    private var found: [Name: Found] = [:]
    private var hints = NameHints()

    private struct Key: Hashable {
        var resolved: PathKey
        var reading: TemplateReading
    }

    /// A text that was put together, and where it was met: one that was too deep there need not be elsewhere.
    private struct Known {
        var whole: Whole
        var isCut: Bool
        var depth: Int
    }

    private struct Name: Hashable {
        var folder: PathKey
        var name: PathKey
        var ending: PathKey
    }

    /// What a name leads to.
    private enum Found {
        case file(path: String, resolved: String)
        case outside
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
        let resolved = TextFile.resolved(path) ?? path
        return whole(text, tags, chain: [(path, resolved)], reading, limit: limit)
    }

    private mutating func whole(
        _ text: TemplateText, _ tags: [IncludeTag], chain: [(path: String, resolved: String)],
        _ reading: TemplateReading, limit: Int = TemplateLoader.sizeLimit
    ) -> Whole {
        var result = Whole(text: text)
        var texts: [TemplateText] = []
        var size = 0
        // A part may be put in often, and its own parts in it: each finding is told once.
        var told: Set<Diagnostic> = []
        for tag in tags {
            let part = self.part(tag, chain: chain, reading)
            // Nothing else is said of a tag that cannot be replaced.
            texts.append(part.text ?? TemplateText("", start: tag.location))
            size += part.text?.text.utf8.count ?? 0
            result.parts.formUnion(part.parts)
            result.diagnostics += part.diagnostics.filter { told.insert($0).inserted }
            result.ignored.merge(part.ignored) { first, _ in first }
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

    /// What a tag is replaced by.
    private struct Part {
        var text: TemplateText?
        var parts: Set<TemplatePart> = []
        var diagnostics: [Diagnostic] = []
        var ignored: [String: IgnoredWarnings] = [:]
        var depth = 0
    }

    private mutating func part(
        _ tag: IncludeTag, chain: [(path: String, resolved: String)], _ reading: TemplateReading
    ) -> Part {
        func refused(_ code: Diagnostic.Code, _ message: String, help: String? = nil) -> Part {
            Part(diagnostics: [.error(code, message, at: tag.location, length: tag.length, help: help)])
        }
        guard let name = tag.name, let last = chain.last else {
            return Part(diagnostics: [tag.problem].compactMap(\.self))
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
            return refused(
                .missingPart, "there is no file '\(name)' in \(places.joined(separator: " or "))",
                help: hints.didYouMean(name, in: Self.names(near: last.path, without: name)))
        }
        // Such as a file of secrets.
        if resolved.dropFirst(resolvedFolder?.count ?? 0).split(separator: "/").contains(where: {
            $0.hasPrefix(".")
        }) {
            return refused(
                .unreadablePart, "'\(name)' is hidden, and hidden files are no parts", help: "rename the file"
            )
        }
        let steps = (chain.map(\.path) + [path]).joined(separator: " → ")
        if chain.contains(where: { PathKey($0.resolved) == PathKey(resolved) }) {
            return refused(.includeCycle, "the parts include each other: \(steps)")
        }
        let whole: Whole
        do throws(TextFileError) {
            whole = try self.whole(ofFile: path, resolved, chain: chain, reading)
        } catch {
            return refused(.unreadablePart, "the part '\(path)' \(error.reason)")
        }
        if chain.count + whole.depth > Self.depthLimit {
            return refused(
                .includeTooDeep, "parts are nested more than \(Self.depthLimit) deep: \(Self.short(steps))")
        }
        return Part(
            text: whole.text, parts: whole.parts, diagnostics: whole.diagnostics, ignored: whole.ignored,
            depth: whole.depth)
    }

    /// The text of a file with its parts.
    private mutating func whole(
        ofFile path: String, _ resolved: String, chain: [(path: String, resolved: String)],
        _ reading: TemplateReading
    ) throws(TextFileError) -> Whole {
        var reading = reading
        reading.byteOrderMark = .drop
        let key = Key(resolved: PathKey(resolved), reading: reading)
        if let known = wholes[key], !known.isCut || known.depth <= chain.count { return known.whole }
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
        if !tags.isEmpty, chain.count < Self.depthLimit {
            result = whole(text, tags, chain: chain + [(path, resolved)], reading)
        }
        result.depth += 1
        let isTooDeep = chain.count >= Self.depthLimit && !tags.isEmpty
        if isTooDeep { result.depth = Self.depthLimit }
        result.parts.insert(TemplatePart(path: path, digest: ShortDigest.of([text.text])))
        result.ignored[path] = ignored
        let isCut = isTooDeep || result.diagnostics.contains { $0.code == .includeTooDeep }
        wholes[key] = Known(whole: result, isCut: isCut, depth: chain.count)
        return result
    }

    private static func short(_ steps: String) -> String {
        let all = steps.split(separator: " → ", omittingEmptySubsequences: false)
        return all.count <= 6 ? steps : (all.prefix(4) + ["…"] + all.suffix(1)).joined(separator: " → ")
    }
}

// MARK: - Finding files

extension PartLibrary {
    /// The file of a name: beside the file that includes it, then in the folder of the templates; there as it is written,
    /// with an underscore before it, and with an ending.
    private mutating func find(_ name: String, from path: String) -> Found {
        let base = FilePath.folder(of: path)
        let ending =
            TemplateSource.isChat(path) ? "" : path.lastIndex(of: ".").map { String(path[$0...]) } ?? ""
        let key = Name(folder: PathKey(base), name: PathKey(name), ending: PathKey(ending))
        if let known = found[key] { return known }
        var isOutside = false
        for base in base == folder ? [base] : [base, folder] {
            for candidate in Self.candidates(name, ending: ending) {
                // To resolve a path takes long, and there are many candidates.
                guard TextFile.exists(in: base, candidate) else { continue }
                let path = FilePath.join(base, candidate)
                guard let resolved = TextFile.resolved(path) else { continue }
                guard let resolvedFolder, FilePath.contains(resolvedFolder, resolved) else {
                    isOutside = true
                    continue
                }
                if TextFile.isFolder(path) { continue }
                found[key] = .file(path: path, resolved: resolved)
                return .file(path: path, resolved: resolved)
            }
        }
        // A path out of the folder is told so, whether or not there is a file.
        let isOut = isOutside || name.hasPrefix("/") || leavesFolder(name, from: base)
        found[key] = isOut ? .outside : Found.none
        return isOut ? .outside : .none
    }

    private func leavesFolder(_ name: String, from base: String) -> Bool {
        guard name.contains("..") else { return false }
        return [base, folder].allSatisfy { base in
            let (path, folder) = (FilePath.join(base, name), folder.normalizedPath)
            if folder.isEmpty || folder == "." { return path.hasPrefix("..") }
            return !FilePath.contains(folder, path)
        }
    }

    private static func candidates(_ name: String, ending: String) -> [String] {
        let slash = name.lastIndex(of: "/")
        let parent = slash.map { String(name[...$0]) } ?? ""
        let file = slash.map { String(name[name.index(after: $0)...]) } ?? name
        var names = [file]
        for ending in ([ending] + endings).filter({ !$0.isEmpty }) where !names.contains(file + ending) {
            names.append(file + ending)
        }
        return names.flatMap { $0.hasPrefix("_") ? [parent + $0] : [parent + $0, parent + "_" + $0] }
    }

    private static func names(near path: String, without name: String) -> [String] {
        let base = FilePath.folder(of: path)
        let names = (try? TextFile.names(in: base.isEmpty ? "." : base)) ?? []
        let stems = names.prefix(2_000).map { file in
            var stem = Substring(file)
            if let ending = Self.endings.first(where: stem.hasSuffix) { stem = stem.dropLast(ending.count) }
            return String(stem.hasPrefix("_") ? stem.dropFirst() : stem)
        }
        return (names.prefix(2_000) + stems).filter { $0 != name }
    }
}
