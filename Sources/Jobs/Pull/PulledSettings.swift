import Prompts
import Support
import Templates
import YAML

/// What the spec and a template's own front matter say of one prompt, changed to what a registry has.
struct PulledSettings {
    /// The prompt's entry in the spec; nil where a pattern or the folder names it.
    private(set) var entry: JSONValue?
    /// The front matter of its file, or what stands beside its messages; nil where it has none.
    private(set) var header: JSONValue?

    private static let modelKeys = JobShape.modelConfig.fields.map(\.key)

    /// Settings as they are written.
    init(entry: JSONValue?, header: JSONValue?) {
        self.entry = entry?.isObject == true ? entry : nil
        self.header = header?.isObject == true ? header : nil
    }

    /// A setting, as the spec or else the file has it.
    func value(_ key: String) -> JSONValue? { entry?[key] ?? header?[key] }

    /// Sets a setting where it is, else in the spec, else in the file; nil removes it.
    mutating func set(_ key: String, to value: JSONValue?) throws(PullProblem) {
        guard let value else {
            entry?[key] = nil
            header?[key] = nil
            return
        }
        if entry?[key] != nil || header?[key] == nil, entry != nil {
            entry?[key] = value.withoutInterpolation
        } else if header != nil {
            header?[key] = value
        } else {
            throw Self.noPlace(for: key)
        }
    }

    /// Sets the members of a mapping, such as `tags`, that differ; the others stay as they are written.
    ///
    /// - Parameters:
    ///   - key: The mapping's key.
    ///   - old: What the job says by now, with variables filled in.
    ///   - new: What it has to say.
    /// - Throws: `PullProblem` where it has no place.
    mutating func merge(_ key: String, from old: [JSONValue.Member], to new: [JSONValue.Member])
        throws(PullProblem)
    {
        let before = Dictionary(old.map { ($0.key, $0.value) }) { first, _ in first }
        let after = Dictionary(new.map { ($0.key, $0.value) }) { first, _ in first }
        for name in before.keys.sorted() where after[name] != before[name] {
            guard let value = after[name] else {
                removeMember(name, of: key)
                continue
            }
            if entry?[key]?[name] != nil {
                entry?[key]?[name] = value.withoutInterpolation
            } else if header?[key]?[name] != nil {
                header?[key]?[name] = value
            } else if let place = headerKey(for: name, of: key) {
                header?[place] = value
            }
        }
        let added = new.filter { before[$0.key] == nil }
        guard !added.isEmpty else { return }
        var mapping = value(key) ?? [:]
        let isInSpec = entry?[key] != nil || header?[key] == nil && entry != nil
        for member in added {
            mapping[member.key] = isInSpec ? member.value.withoutInterpolation : member.value
        }
        if isInSpec {
            entry?[key] = mapping
        } else if header != nil {
            header?[key] = mapping
        } else {
            throw Self.noPlace(for: key)
        }
    }

    private static func noPlace(for key: String) -> PullProblem {
        PullProblem(
            reason:
                "the job has no entry of its own for it, in which its \(key) could stand; add one below 'prompts:', "
                + "with the file's path as its 'file:', then pull again")
    }

    private mutating func removeMember(_ name: String, of key: String) {
        entry?[key]?[name] = nil
        header?[key]?[name] = nil
        if let place = headerKey(for: name, of: key) { header?[place] = nil }
        if entry?[key]?.isEmptyObject == true { entry?[key] = nil }
        if header?[key]?.isEmptyObject == true { header?[key] = nil }
    }

    /// The key of the front matter under which a setting of the model stands by itself.
    private func headerKey(for name: String, of key: String) -> String? {
        guard key == "model_config", Self.modelKeys.contains(name) else { return nil }
        return [name, name == "model_name" ? "model" : name].first { header?[$0] != nil }
    }
}

extension JSONValue {
    fileprivate var isObject: Bool {
        if case .object = self { true } else { false }
    }

    fileprivate var isEmptyObject: Bool {
        if case .object(let members) = self { members.isEmpty } else { false }
    }

    /// The members of an object that a text holds; none where it is no object.
    static func members(of json: String?) -> [Member] {
        guard let json, case .object(let members)? = try? JSONValue(parsing: json) else { return [] }
        return members
    }
}
