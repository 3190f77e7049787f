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
        if let accepted = tags[ProvenanceTag.accepted],
            accepted == VersionKey(content, of: prompt, job: job, base: number).text
        {
            return VersionMaker(job: job)
        }
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
