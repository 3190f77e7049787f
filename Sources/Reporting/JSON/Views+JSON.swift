package import Prompts
package import Views
package import YAML

extension PromptListing {
    package var json: JSONText {
        JSONText([
            "registry": registry.address, "workspace": registry.workspace, "job": job, "target": target,
            "alias": alias, "prompts": entries.map(\.json),
        ])
    }
}

extension PromptListing.Entry {
    fileprivate var json: JSONText {
        JSONText([
            "name": name, "name_in_job": nameInJob, "registered": prompt != nil, "version": version?.number,
            "uri": version.map { PromptURI(name: name, reference: .version($0.number)).description },
            "newest_version": prompt?.newest?.number, "aliases": prompt?.aliases ?? [:],
            "variables": version?.content.variables ?? [], "created_at": Moment(version?.createdAt)?.text,
            "description": prompt?.description, "tags": withoutJournal(prompt?.tags ?? [:]),
        ])
    }
}

extension PromptDetails {
    package var json: JSONText {
        JSONText([
            "registry": registry.address, "workspace": registry.workspace, "name": prompt.name, "url": url,
            "description": prompt.description, "tags": withoutJournal(prompt.tags), "aliases": prompt.aliases,
            "versions": versions.map { $0.json(of: prompt) },
        ])
    }
}

extension VersionDetails {
    package var json: JSONText { version.json(of: prompt) }
}

extension PromptVersion {
    /// The version in MLflow's terms. What the registry stores as JSON text is JSON here too, as it was written.
    fileprivate func json(of prompt: ObservedPrompt) -> JSONText {
        JSONText([
            "name": prompt.name, "version": number,
            "uri": PromptURI(name: prompt.name, reference: .version(number)).description,
            "kind": content.kind.rawValue,
            "template": content.kind == .chat
                ? JSONText(stored: content.template) : .string(content.template),
            "variables": content.variables, "model_config": JSONText(stored: content.modelConfig),
            "response_format": JSONText(stored: content.responseFormat), "description": description,
            "tags": withoutJournal(tags), "aliases": prompt.aliases(at: number),
            "created_at": Moment(createdAt)?.text,
        ])
    }
}

/// Tags without the journal of alias moves, which `history` shows.
private func withoutJournal(_ tags: [String: String]) -> [String: String] {
    tags.filter { $0.key != AliasLog.tag }
}

extension ComparisonReport {
    package var json: JSONText {
        JSONText([
            "registry": registry.address, "workspace": registry.workspace, "job": job, "target": target,
            "differ": hasDifferences, "prompts": prompts.map(\.json),
        ])
    }
}

extension PromptComparison {
    fileprivate var json: JSONText {
        let lines = UnifiedDiff(difference.parts, from: old?.name, to: new.name).lines
        return JSONText([
            "name": fullName, "name_in_job": nameInJob, "from": old?.name, "to": new.name,
            "differences": difference.differences, "kind": pair { .string($0.kind.rawValue) },
            "variables": JSONText([
                "added": difference.addedVariables, "removed": difference.removedVariables,
            ]),
            "model_config": pair { JSONText(stored: $0.modelConfig) },
            "response_format": pair { JSONText(stored: $0.responseFormat) },
            "diff": lines.map { $0.text + "\n" }.joined(),
        ])
    }

    private func pair(_ part: (PromptContent) -> JSONText) -> JSONText {
        JSONText(["from": old.map { part($0.content) }, "to": part(new.content)])
    }
}

extension AliasLog {
    package var json: JSONText {
        .array(
            entries.map { entry in
                JSONText([
                    "alias": entry.alias, "from": entry.from, "to": entry.to, "at": entry.at, "by": entry.by,
                    "commit": entry.commit, "job": entry.job, "rollback": entry.isRollback ?? false,
                ])
            })
    }
}
