import FoundationEssentials
import Prompts
package import Support
package import Views

extension ServedAliases: Presentable {
    package func blocks(_ style: TextStyle) -> [[String]] {
        let rows = prompts.flatMap { prompt in
            prompt.places.map { place -> [TextTable.Cell] in
                [
                    .init(prompt.name), .init(place.alias),
                    .init(VersionPhrase.number(place.version?.number)),
                    .init(place.move?.at ?? ""), .init(place.move?.by ?? ""),
                    .init(place.version.flatMap { VersionOrigin(of: $0).shortCommit } ?? "", .yellow),
                    .init(place.doubt ?? "", .yellow),
                ]
            }
        }
        guard !rows.isEmpty else { return [] }
        let titles = ["NAME", "ALIAS", "VERSION", "SINCE", "BY", "COMMIT", ""]
        return [TextTable.lines(rows, under: titles, style)]
    }

    package var json: JSONValue {
        JSONValue([
            "registry": registry.address, "workspace": registry.workspace, "at": time.timestamp,
            "prompts": prompts.map { prompt in
                JSONValue(["name": prompt.name, "aliases": prompt.places.map(\.json)])
            },
        ])
    }
}

extension ServedAliases.Place {
    fileprivate var json: JSONValue {
        JSONValue([
            "alias": alias, "version": version?.number, "since": move?.at, "by": move?.by,
            "commit": version.flatMap { VersionOrigin(of: $0).commit }, "certain": doubt == nil,
            "doubt": doubt,
        ])
    }
}

extension CommitVersions: Presentable {
    package func blocks(_ style: TextStyle) -> [[String]] {
        let rows = entries.map { entry -> [TextTable.Cell] in
            let origin = VersionOrigin(of: entry.version)
            return [
                .init(entry.name), .init(VersionPhrase.number(entry.version.number)),
                .init(entry.aliases.listed(20), .green),
                .init(Moment(entry.version.createdAt)?.text ?? ""), .init(origin.shortCommit ?? "", .yellow),
                .init(origin.source ?? ""),
            ]
        }
        guard !rows.isEmpty else { return [] }
        let titles = ["NAME", "VERSION", "ALIASES", "CREATED", "COMMIT", "SOURCE"]
        return [TextTable.lines(rows, under: titles, style)]
    }

    package var json: JSONValue {
        JSONValue([
            "registry": registry.address, "workspace": registry.workspace, "commit": commit,
            "versions": entries.map { entry in
                let origin = VersionOrigin(of: entry.version)
                return JSONValue([
                    "name": entry.name, "version": entry.version.number,
                    "uri": PromptURI(name: entry.name, reference: .version(entry.version.number)).description,
                    "aliases": entry.aliases, "created_at": Moment(entry.version.createdAt)?.text,
                    "commit": origin.commit, "dirty": origin.isDirty, "source": origin.source,
                    "job": origin.job,
                ])
            },
        ])
    }
}
