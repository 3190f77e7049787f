import Prompts
import Support
package import Views

extension PromptDetails: Presentable {
    package func blocks(_ style: TextStyle) -> [[String]] {
        var lines = [style.header(prompt.name, registry)]
        lines += prompt.description.map { [$0.escapedForTerminal] } ?? []
        lines += prompt.owner.map { ["job: " + $0.escapedForTerminal] } ?? []
        lines += shownTags(prompt.tags).map { ["tags: " + $0] } ?? []
        lines += prompt.experiments.isEmpty ? [] : ["experiments: " + prompt.experiments.escapedList]
        lines += url.map { ["page: " + $0.escapedForTerminal] } ?? []
        return [lines, versions(style)]
    }

    private func versions(_ style: TextStyle) -> [String] {
        guard !versions.isEmpty else { return ["No versions yet."] }
        let rows = versions.map { version -> [TextTable.Cell] in
            let origin = VersionOrigin(of: version)
            return [
                .init(VersionPhrase.number(version.number)),
                .init(prompt.aliases(at: version.number).listed(20), .green),
                .init(Moment(version.createdAt)?.age(at: style.now) ?? ""),
                .init(origin.shortCommit ?? "", .yellow), .init(origin.source ?? ""),
            ]
        }
        let table = TextTable.lines(rows, under: ["VERSION", "ALIASES", "AGE", "COMMIT", "SOURCE"], style)
        return table.prefix(1)
            + zip(table.dropFirst(), versions).flatMap { row, version in
                [row]
                    + [
                        ("message", version.description), ("model_config", version.content.modelConfig),
                        ("response_format", version.content.responseFormat),
                    ].compactMap { name, value in value.map { "    \(name): \($0.escapedForTerminal)" } }
            }
    }
}

extension VersionDetails: Presentable {
    package func blocks(_ style: TextStyle) -> [[String]] {
        let origin = VersionOrigin(of: version)
        let created = Moment(version.createdAt).map { "\($0.text), \($0.age(at: style.now)) ago" }
        let commit = origin.commit.map { $0 + (origin.isDirty ? ", with uncommitted changes" : "") }
        let variables = version.content.variables
        let owner = prompt.owner
        let fields: [(String, String?)] = [
            ("kind", version.content.kind.rawValue),
            ("aliases", aliases.isEmpty ? "none" : aliases.escapedList), ("created", created),
            ("message", version.description?.escapedForTerminal),
            ("job", (owner ?? origin.job)?.escapedForTerminal),
            ("made by", owner == nil || owner == origin.job ? nil : origin.maker.escapedForTerminal),
            ("source", origin.source?.escapedForTerminal), ("commit", commit?.escapedForTerminal),
            ("variables", variables.isEmpty ? "none" : variables.escapedList),
            ("model_config", version.content.modelConfig?.escapedForTerminal),
            ("response_format", version.content.responseFormat?.escapedForTerminal),
            ("tags", shownTags(version.tags)), ("page", url?.escapedForTerminal),
        ]
        let shown = fields.compactMap { name, value in value.map { (name: name + ":", value: $0) } }
        let width = shown.map(\.name.count).max() ?? 0
        return [
            [style.header(uri, registry)],
            shown.map { name, value in
                style(name, .dim) + String(repeating: " ", count: width - name.count + 1) + value
            }, [version.content.readableTemplate.escapedLinesForTerminal],
        ]
    }
}

/// The tags on a line, such as `team = platform, tier = 1`, without those that are shown otherwise; nil if none is left.
private func shownTags(_ tags: [String: String]) -> String? {
    let hidden: Set<String> = [
        ReservedTag.experimentIDs, AliasLog.tag, AliasLog.movingBackTag, ProvenanceTag.job,
        ProvenanceTag.source, ProvenanceTag.commit, ProvenanceTag.dirty, ProvenanceTag.managedTags,
        RunMark.tag, VersionKey.tag,
    ]
    let shown = tags.filter { !hidden.contains($0.key) }.sorted { $0.key < $1.key }
    return shown.isEmpty ? nil : shown.map { "\($0.key) = \($0.value)" }.escapedList
}
