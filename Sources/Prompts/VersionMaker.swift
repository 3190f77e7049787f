/// Who made a version, as far as its tags tell one job.
package struct VersionMaker: Hashable, Sendable {
    /// The job that made it, or that has taken it into its files; nil where something else than a job did.
    package var job: String?
    /// Whether its content is another one than that job registered, as MLflow's editor of model settings leaves it.
    package var isEdited: Bool

    /// The maker of a version; without a job, something else.
    package init(job: String? = nil, isEdited: Bool = false) {
        self.job = job
        self.isEdited = isEdited
    }

    /// Whether no job has what the version holds in its files.
    package var isForeign: Bool { job == nil || isEdited }
}

extension PromptVersion {
    /// Finds out who made the version.
    ///
    /// - Parameters:
    ///   - prompt: The prompt's full name, as the job writes it.
    ///   - job: The job that asks, which recognises its own versions even without provenance.
    /// - Returns: The maker.
    package func maker(of prompt: String, for job: String) -> VersionMaker {
        if let accepted,
            [content, content.normalized].contains(where: { content in
                // Any job's files count; earlier versions of the program wrote down whose they were.
                [nil, job].contains { accepted == VersionKey(content, of: prompt, job: $0, base: number) }
            })
        {
            return VersionMaker(job: job)
        }
        var maker = registrant(of: prompt, for: job)
        // A job had it in its files, and something else has changed it since.
        if maker.isForeign, accepted != nil { maker.isEdited = true }
        return maker
    }

    /// What a job noted when it had the version in its files; nil where none did.
    package var accepted: VersionKey? {
        // The tags of one version may be copied to another.
        tags[ProvenanceTag.accepted].flatMap(VersionKey.init(text:)).flatMap { $0.base == number ? $0 : nil }
    }

    /// What the version held before something else changed its settings: as a job registered it or had it in its files.
    ///
    /// - Parameters:
    ///   - prompt: The prompt's full name.
    ///   - job: The job that asks.
    ///   - candidates: Contents whose settings it may have had.
    /// - Returns: The content; nil where no job had it, or where it had other settings.
    package func contentBeforeEdit(
        of prompt: String, for job: String, among candidates: [PromptContent]
    ) -> PromptContent? {
        guard let key = accepted ?? VersionKey(of: self) else { return nil }
        let jobs = accepted == nil ? [tags[ProvenanceTag.job]] : [nil, job]
        return ([nil] + candidates.map(\.modelConfig)).lazy.map { settings in
            var content = content
            content.modelConfig = settings
            return content
        }.first { content in
            [content, content.normalized].contains { content in
                jobs.contains { VersionKey(content, of: prompt, job: $0, base: key.base) == key }
            }
        }
    }

    private func registrant(of prompt: String, for job: String) -> VersionMaker {
        let key = VersionKey(of: self)
        /// Whether the version's content is what a job registered.
        func hasContent(of job: String?) -> Bool {
            key.map { $0.text == VersionKey(content, of: prompt, job: job, base: $0.base).text } ?? true
        }
        guard let maker = tags[ProvenanceTag.job] else {
            return VersionMaker(job: key != nil && hasContent(of: job) ? job : nil)
        }
        // A copy from another registry is registered by no job, and keeps the tag of the job that made the original.
        return VersionMaker(job: maker, isEdited: !hasContent(of: maker) && !hasContent(of: nil))
    }
}
