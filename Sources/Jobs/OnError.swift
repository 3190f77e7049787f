/// What a failed prompt does to the aliases of the others.
package enum OnError: String, Sendable, Hashable, Codable, CaseIterable {
    /// One failure moves no alias, and those already moved go back.
    case hold
    /// Every prompt is for itself.
    case `continue`
}
