import Support

// What the databases of MLflow servers hold. PostgreSQL refuses a whole trace for one value that is too long.
extension TraceRecord {
    /// The most characters of a tag's key, and of the session's id.
    private static let longestKey = 250
    /// The most characters of a value of a tag or of the metadata.
    private static let longestValue = 8_000
    /// The most characters of a trace's name, and of a tag that MLflow's client shows whole.
    private static let longestName = 4_096
    /// The most characters of a step's type.
    fileprivate static let longestType = 500

    /// The trace with as much of its tags and metadata as a server can hold.
    ///
    /// - Parameter loss: Takes what was cut or left out.
    /// - Returns: The trace.
    func fitting(_ loss: inout TraceLoss) -> TraceRecord {
        let links = fittingLinks(&loss)
        return TraceRecord(
            self, spans: spans.map(\.fitting), tags: Self.fitting(links, "tag", &loss),
            metadata: Self.fitting(metadata, "part of the metadata", &loss))
    }

    /// The tags, whose list of linked prompts is cut between two: it is JSON.
    private func fittingLinks(_ loss: inout TraceLoss) -> [String: String] {
        guard let list = tags[Self.linkedPrompts], list.unicodeScalars.count > Self.longestName else {
            return tags
        }
        var (kept, length) = ([JSONValue](), 2)
        for prompt in prompts {
            length += prompt.json.serialized.unicodeScalars.count + 2
            if length > Self.longestName { break }
            kept.append(prompt.json)
        }
        loss.add(
            "the tag '\(Self.linkedPrompts)' names \(kept.count) of \(prompts.count) prompts, as more do not fit"
        )
        return tags.merging([Self.linkedPrompts: JSONValue.array(kept).serialized]) { $1 }
    }

    private static func fitting(
        _ texts: [String: String], _ kind: String, _ loss: inout TraceLoss
    ) -> [String: String] {
        var kept: [String: String] = [:]
        for (key, text) in texts {
            guard key.unicodeScalars.count <= longestKey else {
                loss.add(
                    "the \(kind) '\(key.cut(to: 40))…' is left out: its key has more than \(longestKey) characters"
                )
                continue
            }
            let limit =
                switch key {
                case "mlflow.traceName": longestName
                case "mlflow.trace.session": longestKey
                default: longestValue
                }
            if text.unicodeScalars.count > limit {
                loss.add("the \(kind) '\(key)' is cut after \(limit) characters, as servers hold no more")
            }
            kept[key.withoutNull] = text.cut(to: limit).withoutNull
        }
        return kept
    }
}

extension SpanRecord {
    /// The step with a name and a type that a server can hold.
    fileprivate var fitting: SpanRecord {
        var span = self
        span.name = name.withoutNull
        span.type = type.cut(to: TraceRecord.longestType).withoutNull
        return span
    }
}

extension String {
    /// The first characters, as databases count them.
    func cut(to count: Int) -> String {
        utf8.count <= count ? self : String(UnicodeScalarView(unicodeScalars.prefix(count)))
    }

    /// The text without the one character that PostgreSQL cannot hold.
    var withoutNull: String {
        utf8.contains(0) ? String(map { $0 == "\0" ? "\u{FFFD}" : $0 }) : self
    }
}
