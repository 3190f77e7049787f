extension Provenance {
    /// Adds what git does not know, or what the command line says against it.
    ///
    /// - Parameters:
    ///   - stated: What the command line says.
    ///   - system: What a CI system says, which counts where git knows no commit.
    package mutating func complete(_ stated: Revision, _ system: Revision) {
        if let given = stated.commit ?? (commit == nil ? system.commit : nil),
            commit?.lowercased().hasPrefix(given.lowercased()) != true
        {
            commit = given
            // Whether the files are those of that commit is not known here.
            knowsChanges = false
        }
        branch = stated.branch ?? system.branch
        repository = stated.repository ?? system.repository
    }
}
