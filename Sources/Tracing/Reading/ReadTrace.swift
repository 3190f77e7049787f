import HTTP
import Support

/// What counts of one trace that was stored.
struct ReadTrace: Sendable {
    /// What was said of it under one name.
    struct Feedback: Sendable {
        let name: String
        /// What it is as a number, as MLflow has it: yes and true are 1, no and false 0; nil for other texts.
        let number: Double?
    }

    let id: String
    /// When it began, in milliseconds since 1970.
    let time: Int
    let isError: Bool
    /// The id of its experiment, where that was told.
    var experiment: String?
    /// How long it took, in milliseconds; nil while it is under way.
    var latency: Int?
    var (inputTokens, outputTokens, totalTokens): (Double?, Double?, Double?)
    var cost: Double?
    var feedback: [Feedback] = []
    /// The versions that its tags name.
    let versions: Set<TraceRecord.Prompt>
    /// Those of them that a tag of promptreg's own names.
    let tagged: Set<TraceRecord.Prompt>

    /// A trace.
    ///
    /// - Parameters:
    ///   - id: MLflow's id.
    ///   - time: When it began, in milliseconds since 1970.
    ///   - state: How it ended, in MLflow's word.
    ///   - usage: The tokens, as JSON in MLflow's metadata.
    ///   - price: The cost, as JSON in MLflow's metadata.
    ///   - tags: The tags.
    init(id: String, time: Int, state: String?, usage: String?, price: String?, tags: [String: String]) {
        (self.id, self.time) = (id, time)
        isError = state == "ERROR"
        if let usage = usage.flatMap({ try? JSONValue(parsing: $0) }) {
            inputTokens = usage["input_tokens"]?.finiteNumber
            outputTokens = usage["output_tokens"]?.finiteNumber
            totalTokens = usage["total_tokens"]?.finiteNumber
        }
        cost = price.flatMap { try? JSONValue(parsing: $0) }?["total_cost"]?.finiteNumber
        tagged = Self.tagged(tags)
        versions = Self.versions(of: tags)
    }

    /// The versions that tags name: promptreg's own ones, and MLflow's list.
    static func versions(of tags: [String: String]) -> Set<TraceRecord.Prompt> {
        var versions = tagged(tags)
        let list = tags[TraceRecord.linkedPrompts].flatMap { try? JSONValue(parsing: $0) }
        guard case .array(let entries) = list else { return versions }
        for entry in entries {
            guard case .string(let name)? = entry["name"], let version = entry["version"]?.versionNumber
            else {
                continue
            }
            versions.insert(.init(name: name, version: version))
        }
        return versions
    }

    private static func tagged(_ tags: [String: String]) -> Set<TraceRecord.Prompt> {
        tags.reduce(into: []) { versions, tag in
            guard tag.key.hasPrefix(TraceRecord.ownTagPrefix), let version = Int(tag.value) else { return }
            let name = String(tag.key.dropFirst(TraceRecord.ownTagPrefix.count))
            versions.insert(.init(name: name, version: version))
        }
    }

    /// What a value of feedback counts as.
    static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .bool(let flag): return flag ? 1 : 0
        case .number: return value.finiteNumber
        case .string(let text):
            switch text.trimmed().lowercased() {
            case "yes": return 1
            case "no": return 0
            default: return nil
            }
        default: return nil
        }
    }
}

extension JSONValue {
    /// A number that can be counted with; nil for anything else.
    var finiteNumber: Double? {
        guard case .number(let digits) = self, let number = Double(digits), number.isFinite else {
            return nil
        }
        return number
    }

    /// The number of a version, which clients write as a text or as a number.
    fileprivate var versionNumber: Int? {
        switch self {
        case .string(let text), .number(let text): Int(text)
        default: nil
        }
    }
}
