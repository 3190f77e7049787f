/// What a run does about versions that something else made, and that it would replace.
package enum OnForeign: String, Sendable, Hashable, Codable, CaseIterable {
    /// It is refused.
    case refuse
    /// It goes on, and says so.
    case warn
    /// It goes on.
    case overwrite
}
