import Health
import Prompts
package import Support
package import Views

extension PromptListing {
    package var json: JSONValue {
        JSONValue([
            "registry": registry.address, "workspace": registry.workspace, "job": job, "target": target,
            "alias": alias, "prompts": entries.map(\.json),
        ])
    }
}

extension PromptListing.Entry {
    fileprivate var json: JSONValue {
        let drift = (prompt?.drift ?? []).map(\.json)
        return JSONValue([
            "name": name, "name_in_job": nameInJob, "registered": prompt != nil, "version": version?.number,
            "uri": version.map { PromptURI(name: name, reference: .version($0.number)).description },
            "newest_version": prompt?.newest?.number, "aliases": prompt?.aliases ?? [:], "drift": drift,
            "variables": version?.content.variables ?? [], "created_at": Moment(version?.createdAt)?.text,
            "description": prompt?.description, "tags": withoutJournal(prompt?.tags ?? [:]),
        ])
    }
}

extension PromptDetails {
    package var json: JSONValue {
        JSONValue([
            "registry": registry.address, "workspace": registry.workspace, "name": prompt.name, "url": url,
            "description": prompt.description, "tags": withoutJournal(prompt.tags), "aliases": prompt.aliases,
            "versions": versions.map { $0.json(of: prompt) },
        ])
    }
}

extension VersionDetails {
    package var json: JSONValue { version.json(of: prompt) }
}

extension PromptVersion {
    /// The version in MLflow's terms. What the registry stores as JSON text is JSON here too, as it was written.
    fileprivate func json(of prompt: ObservedPrompt) -> JSONValue {
        JSONValue([
            "name": prompt.name, "version": number,
            "uri": PromptURI(name: prompt.name, reference: .version(number)).description,
            "kind": content.kind.rawValue,
            "template": content.kind == .chat
                ? JSONValue(stored: content.template) : .string(content.template),
            "variables": content.variables, "model_config": JSONValue(stored: content.modelConfig),
            "response_format": JSONValue(stored: content.responseFormat), "description": description,
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
    package var json: JSONValue {
        JSONValue([
            "registry": registry.address, "workspace": registry.workspace, "job": job, "target": target,
            "differ": hasDifferences, "prompts": prompts.map(\.json),
        ])
    }
}

extension PromptComparison {
    fileprivate var json: JSONValue {
        let lines = UnifiedDiff(difference.parts, from: old?.name, to: new.name, madeOf: new.parts).lines
        return JSONValue([
            "name": fullName, "name_in_job": nameInJob, "from": old?.name, "to": new.name,
            "differences": difference.differences, "kind": pair { .string($0.kind.rawValue) },
            "variables": JSONValue([
                "added": difference.addedVariables, "removed": difference.removedVariables,
            ]),
            "model_config": pair { JSONValue(stored: $0.modelConfig) },
            "response_format": pair { JSONValue(stored: $0.responseFormat) },
            "diff": lines.map { $0.text + "\n" }.joined(),
        ])
    }

    private func pair(_ part: (PromptContent) -> JSONValue) -> JSONValue {
        JSONValue(["from": old.map { part($0.content) }, "to": part(new.content)])
    }
}

extension AliasHistory {
    package var json: JSONValue {
        .array(
            moves.map { move in
                let entry = move.entry
                return JSONValue([
                    "alias": entry.alias, "from": entry.from, "to": entry.to, "at": entry.at, "by": entry.by,
                    "commit": entry.commit, "dirty": entry.isDirty ?? false, "job": entry.job,
                    "rollback": entry.isRollback ?? false,
                    "policy_override": entry.policyOverride, "evidence": entry.evidence,
                    "gate_override": entry.gateOverride,
                    "certain": !move.isUncertain, "drift": move.drift?.json,
                ])
            })
    }
}

extension [HealthCheckResult] {
    package var json: JSONValue {
        .array(
            map { result in
                JSONValue([
                    "check": result.check.rawValue, "status": result.status.rawValue,
                    "message": result.message, "hint": result.hint,
                ])
            })
    }
}
