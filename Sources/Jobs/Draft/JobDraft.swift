import Diagnostics
import Support
import Templates
import YAML

/// A job for a folder of files as they are; what could not be decided is a comment in it.
package struct JobDraft: Sendable {
    private let name: String
    private let path: String
    private let head: String
    private let tail: String
    private var prompts: [DraftPrompt] = []
    /// What is said of whole files.
    private var remarks: [String] = []
    /// The files that hold no prompt.
    private var others: [String] = []
    private let resolvedFolder: String?

    /// The largest file that prompts at keys are looked for in, in bytes.
    private static let documentLimit = 1 << 20
    /// The most prompts that are taken from one file.
    private static let keyLimit = 500

    /// Drafts a job.
    ///
    /// - Parameters:
    ///   - folder: The folder of the files, as it is shown to the user.
    ///   - name: The folder, relative to that of the spec.
    ///   - path: Where the spec will be.
    ///   - head: What the spec says before `prompts_dir`.
    ///   - tail: What it says after `prompts`.
    /// - Throws: `TextFileError` when the folder cannot be listed.
    package init(
        of folder: String, namedAs name: String, path: String, head: String, tail: String
    ) throws(TextFileError) {
        (self.name, self.path, self.head, self.tail) = (name, path, head, tail)
        let folder = FilePath.join("", folder)
        resolvedFolder = TextFile.resolved(folder)
        let node = YAMLNode(value: .mapping([]), location: SourceLocation(file: folder))
        var discovery = TemplateDiscovery(in: folder, node)
        try discovery.search(namedBy: node)
        remarks = discovery.diagnostics.map { $0.message.escapedForComment }
        var library = PartLibrary(folder: folder, resolvedFolder: resolvedFolder)
        for file in discovery.files { add(file, in: folder, &library) }
        for file in discovery.passedOver.sorted() {
            if PromptDocument.isDocument(file), !isPart(file) {
                addDocument(file, in: folder, &library)
            } else {
                others.append(file)
            }
        }
        leaveOutParts()
        nameApart()
        for index in prompts.indices { prompts[index].leaveOutLongName() }
        leaveOutErrors()
    }

    /// How many prompts the job has.
    package var count: Int { prompts.count { $0.obstacle == nil } }
    /// How many are comments.
    package var leftOut: Int { prompts.count - count }

    /// The spec.
    package var text: String {
        var lines = prompts.flatMap { $0.lines.map { "  \($0)" } }
        if count == 0 { lines.insert("  {}", at: 0) }
        lines += remarks.map { "  # \($0)" }
        if !others.isEmpty {
            lines.append("  # Not taken for prompts: \(others.sorted().listed(20).escapedForComment)")
        }
        let folder = "prompts_dir: \(JSONValue.text(name).flowYAML)"
        return "\(head)\(folder)\n\nprompts:\n\(lines.joined(separator: "\n"))\n\(tail)"
    }

    // MARK: - Files

    /// Whether a file is in the folder; reports a link that leads out of it, since nothing of what is there belongs in a
    /// job.
    private mutating func isInside(_ file: String, _ path: String) -> Bool {
        guard let resolvedFolder, let resolved = TextFile.resolved(path),
            !FilePath.contains(resolvedFolder, resolved)
        else { return true }
        remarks.append("\(file) leads out of the folder".escapedForComment)
        return false
    }

    private mutating func add(_ file: DiscoveredFile, in folder: String, _ library: inout PartLibrary) {
        let path = FilePath.join(folder, file.path)
        guard isInside(file.path, path) else { return }
        do throws(TextFileError) {
            let raw = try TextFile.text(of: path, limit: TemplateLoader.sizeLimit)
            let source = TemplateSource(raw, path: path, frontMatter: .read)
            let ending = file.path.dropFirst(file.stem.count + 1)
            prompts.append(
                DraftPrompt(
                    source, file: file.path, names: (file.name, longer: "\(file.name)_\(ending)"), &library))
        } catch {
            remarks.append("\(file.path) \(error.reason)".escapedForComment)
        }
    }

    /// Takes the prompts of a file of YAML or JSON: its messages, or the texts at its keys.
    private mutating func addDocument(_ file: String, in folder: String, _ library: inout PartLibrary) {
        let path = FilePath.join(folder, file)
        guard isInside(file, path) else { return }
        guard let raw = try? TextFile.text(of: path, limit: Self.documentLimit) else {
            return others.append(file)
        }
        // Through aliases a small file can hold one text very often, and each is looked at.
        var limits = DocumentLimits()
        limits.maxTextBytes = 2 * Self.documentLimit
        let document = PromptDocument(raw, path: path, limits: limits)
        guard let root = document.root, root["job"] == nil || root["version"] == nil else {
            if document.root == nil, let first = document.diagnostics.first {
                let line = first.location.map { ":\($0.line)" } ?? ""
                remarks.append("Not read: \(file)\(line): \(first.message)".escapedForComment)
                return
            }
            return others.append(file)
        }
        let dot = file.lastIndex(of: ".") ?? file.endIndex
        let (whole, ending) = (file[..<dot], file[dot...].dropFirst())
        let stem = String(whole.hasSuffix(".prompt") ? whole.dropLast(7) : whole)
        let source = TemplateSource(raw, path: path, frontMatter: .read)
        if source.isChat || root.hasMessagesOfLangChain {
            let name = stem.replacing("/", with: "_")
            let names = (name, longer: "\(name)_\(ending)")
            var prompt = DraftPrompt(source, file: file, names: names, &library)
            if !source.isChat { prompt.leaveOutMessages() }
            prompts.append(prompt)
            return
        }
        addKeys(of: document, root, file, stem: stem, &library)
    }

    /// Takes the prompts at keys of a file.
    private mutating func addKeys(
        of document: PromptDocument, _ root: YAMLNode, _ file: String, stem: String,
        _ library: inout PartLibrary
    ) {
        let keys = document.promptKeys(limit: Self.keyLimit)
        var found: [DraftPrompt] = []
        var sure: Set<DocumentKey> = []
        for key in keys {
            let texts = key.parts.map { part in YAMLNode(value: .string(part), location: root.location) }
            let source = TemplateSource(
                document, at: YAMLNode(value: .sequence(texts), location: root.location))
            let parent = key.parts.dropLast().reduce(Optional(root)) { $0?.value(at: $1) }
            // LangChain leaves its usual format out.
            let isLangChain = parent?["_type"]?.text == "prompt" && source.keyed?.text.contains("{") == true
            let usual = isLangChain ? "f-string" : nil
            let format = (parent?["template_format"] ?? parent?["templateFormat"])?.text ?? usual
            let names = Self.names(key, stem: stem)
            let note = Self.noteOfRoles(key, in: parent)
            var prompt = DraftPrompt(
                source, file: file, key: key, names: names, format: format, note: note, &library)
            let isForeign = !source.hasPrompt
            if isForeign { prompt.leaveOutMessages() }
            found.append(prompt)
            if source.isChat || isForeign || note != nil || prompt.hasVariables
                || Self.reads(source, asPromptAt: key)
            {
                sure.insert(key)
            }
        }
        if sure.isEmpty { return others.append(file) }
        // What is at the same place of another task or agent is as much a prompt.
        let places = Set(sure.flatMap(\.places))
        let unsure = keys.filter { !sure.contains($0) && places.isDisjoint(with: $0.places) }
        prompts += zip(keys, found).filter { !unsure.contains($0.0) }.map(\.1)
        guard let first = unsure.first else { return }
        let texts = unsure.count == 1 ? "1 more text" : "\(unsure.count) more texts"
        remarks.append("\(file) has \(texts), such as key: \(first.text)".escapedForComment)
    }

    /// What is said of a text at a key such as `user` beside one at `system`: they may be messages of one chat.
    private static func noteOfRoles(_ key: DocumentKey, in parent: YAMLNode?) -> String? {
        func isText(_ role: String) -> Bool { parent?[role]?.text != nil }
        guard let last = key.parts.last, YAMLNode.rolesOfLangChain.contains(last), isText("system"),
            let other = YAMLNode.rolesOfLangChain.first(where: { $0 != last && isText($0) })
        else { return nil }
        return "Is it one chat with '\(other)'? Then \(YAMLNode.messageForm), in a list"
    }

    /// Whether a text without variables is a prompt by its key, or by its length.
    private static func reads(_ source: TemplateSource, asPromptAt key: DocumentKey) -> Bool {
        let last = key.parts.last?.lowercased() ?? ""
        return ["prompt", "template", "instruction", "system"].contains(where: last.contains)
            || (source.keyed?.text.trimmed().contains("\n") ?? false)
    }

    /// Keys that say only that there is a prompt.
    private static let bareNames = ["prompt", "template", "text", "content"]

    /// What a prompt at a key is called: as the keys, without a last one that says only that it is one.
    private static func names(_ key: DocumentKey, stem: String) -> (String, longer: String) {
        var parts = key.parts
        if parts.count > 1, let last = parts.last, bareNames.contains(last) { parts.removeLast() }
        let isBare = parts.count == 1 && bareNames.contains(parts[0])
        let file = stem.split(separator: "/").joined(separator: "_")
        let name = parts.joined(separator: "_")
        let longer = "\(file)_\(name)"
        // Places in lists tell nothing without the file.
        if parts.allSatisfy({ Int($0) != nil }) { return (longer, longer) }
        return (isBare ? file : name, longer)
    }

    // MARK: - What is no prompt, and names

    private func isPart(_ file: String) -> Bool { file.split(separator: "/").contains { $0.hasPrefix("_") } }

    /// Makes comments of the files whose text is put into others.
    private mutating func leaveOutParts() {
        var users: [String: String] = [:]
        for prompt in prompts { for part in prompt.parts { users[part] = users[part] ?? prompt.path } }
        for index in prompts.indices {
            guard let user = users[prompts[index].path] else { continue }
            prompts[index].leaveOut("its text is put into \(user)")
        }
    }

    /// Gives prompts of the same name longer ones.
    private mutating func nameApart() {
        let groups = Dictionary(grouping: prompts.indices) { prompts[$0].name.lowercased() }
        for indices in groups.values where indices.count > 1 {
            for index in indices {
                guard let other = indices.first(where: { $0 != index }) else { continue }
                prompts[index].nameApart(from: prompts[other].place, andMore: indices.count - 2)
            }
        }
        var taken: Set<String> = []
        var numbers: [String: Int] = [:]
        for index in prompts.indices {
            let name = prompts[index].name
            var number = numbers[name.lowercased()] ?? 1
            while !taken.insert(prompts[index].name.lowercased()).inserted {
                number += 1
                prompts[index].name = "\(name)_\(number)"
            }
            numbers[name.lowercased()] = number
        }
    }

    /// Makes comments of the prompts that the job could not have.
    private mutating func leaveOutErrors() {
        let text = text
        let found = LoadedJob(path: path, text: text, inputs: JobInputs()).diagnostics
        let names = parseYAML(Array(text.utf8), file: path).root?["prompts"]?.entries ?? []
        for finding in found.sorted where finding.severity == .error {
            guard let place = finding.location else { continue }
            let name = names.last { place.file == path && $0.keyLocation.line <= place.line }?.key
            for index in prompts.indices
            where prompts[index].path == place.file || prompts[index].name == name {
                prompts[index].leaveOut(finding.message, at: place)
            }
        }
    }
}

extension DocumentKey {
    /// The key with each part but the last left open, once: `plan.description` is a `*.description`. Where the last one
    /// is a number, that is left open, too: it is the place in a list.
    fileprivate var places: [[String?]] {
        parts.indices.compactMap { index in
            if index == parts.count - 1, Int(parts[index]) == nil { return nil }
            var place = parts.map(Optional.some)
            place[index] = nil
            return place
        }
    }
}
