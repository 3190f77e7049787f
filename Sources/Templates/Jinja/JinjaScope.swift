/// The names of one scope of a Jinja2 template, as `jinja2.idtracking` follows them.
///
/// A scope knows a name from its first assignment on. The scopes within it know all that it ever assigns, as Jinja2
/// reads them after it; so what they need is settled when it closes.
struct JinjaScope {
    /// Whether it sees nothing of the scopes around it.
    let isIsolated: Bool
    /// The names assigned so far: by the scope, and by each branch that is being read.
    private var assigned: [Set<String>]
    /// What the branches before each of these assign.
    private var assignedBefore: [Set<String>] = []
    /// The names looked up with no assignment before.
    private var needed: [String: FoundName] = [:]
    /// What the scopes within this one need.
    private var neededWithin: [String: FoundName] = [:]

    /// A scope in which some names have values from the start.
    init(binding names: Set<String> = [], isIsolated: Bool = false) {
        assigned = [names]
        self.isIsolated = isIsolated
    }

    /// Notes that a name is looked up.
    mutating func load(_ name: FoundName) {
        guard !knows(name.name), needed[name.name]?.isOptional != false else { return }
        needed[name.name] = name
    }

    /// Notes that a name is assigned to. A branch may not be taken, so Jinja2 looks up what it assigns.
    mutating func store(_ name: FoundName) {
        if isInBranch, !knows(name.name), needed[name.name] == nil {
            needed[name.name] = FoundName(name: name.name, offset: name.offset, isOptional: true)
        }
        assigned[assigned.count - 1].insert(name.name)
    }

    private func knows(_ name: String) -> Bool { assigned.contains { $0.contains(name) } }

    /// Closes the scope.
    ///
    /// - Returns: The names that it needs from outside.
    consuming func close() -> [String: FoundName] {
        for name in assigned[0] { neededWithin[name] = nil }
        neededWithin.merge(needed, uniquingKeysWith: Self.join)
        return neededWithin
    }

    /// Notes what a scope within this one needs.
    mutating func need(_ names: consuming [String: FoundName]) {
        // The smaller is merged into the larger, which keeps scopes that are deep within each other fast.
        if neededWithin.count < names.count { swap(&neededWithin, &names) }
        neededWithin.merge(names, uniquingKeysWith: Self.join)
    }

    private static func join(_ one: FoundName, _ other: FoundName) -> FoundName {
        FoundName(
            name: one.name, offset: min(one.offset, other.offset),
            isOptional: one.isOptional && other.isOptional)
    }

    // MARK: Branches

    /// Whether a branch is being read.
    var isInBranch: Bool { !assignedBefore.isEmpty }

    /// Begins the first of some branches of which at most one is taken.
    mutating func openBranches() {
        assigned.append([])
        assignedBefore.append([])
    }

    /// Begins the next branch.
    mutating func nextBranch() {
        assignedBefore[assignedBefore.count - 1].formUnion(assigned.removeLast())
        assigned.append([])
    }

    /// Ends the last branch.
    mutating func closeBranches() {
        let names = assigned.removeLast().union(assignedBefore.removeLast())
        assigned[assigned.count - 1].formUnion(names)
    }
}
