/// Who a workspace says is asking.
package struct DatabricksIdentity: Decodable, Sendable {
    private struct Group: Decodable {
        let display: String?
    }

    /// A user's address, or a service principal's application id: what grants are made to.
    package let userName: String?
    private let displayName: String?
    private let groups: [Group]?

    /// The name for people.
    package var name: String? { userName ?? displayName }

    /// The groups that it is in, by name, with the one that everybody is in.
    package var groupNames: [String] { (groups ?? []).compactMap(\.display) + ["account users"] }
}
