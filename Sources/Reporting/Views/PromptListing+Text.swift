import Support
import Prompts
package import Views

extension PromptListing: Presentable {
    package func blocks(_ style: TextStyle) -> [[String]] {
        guard !entries.isEmpty else { return [] }
        let header = job.map { [style.header($0, registry, target: target, isElsewhere: isElsewhere)] } ?? []
        let titles = ["NAME", "VERSION", "ALIASES", "AGE", "VARIABLES"]
        return [
            header, TextTable.lines(entries.map { $0.row(at: style.now) }, under: titles, style),
            entries.flatMap(\.drifted),
        ]
    }
}

extension PromptListing.Entry {
    /// What something else did to the aliases, a sentence for each.
    fileprivate var drifted: [String] {
        (prompt?.drift ?? []).map { "\(name): \(VersionPhrase.drift($0)).".escapedForTerminal }
    }

    fileprivate func row(at now: Int) -> [TextTable.Cell] {
        guard let prompt else { return [.init(name), .init("not registered", .dim)] }
        let aliases = VersionPhrase.marking(
            prompt.aliases.sorted { $0.key < $1.key }.map { ($0.key, "\($0.key) v\($0.value)") },
            prompt.drift)
        return [
            .init(name), .init(VersionPhrase.number(version?.number)),
            .init(aliases.listed(20)), .init(Moment(version?.createdAt)?.age(at: now) ?? ""),
            .init((version?.content.variables ?? []).joined(separator: ", ")),
        ]
    }
}
