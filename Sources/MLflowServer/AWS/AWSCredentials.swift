import HTTP
import Support

/// The keys and the region that requests are signed with, as botocore finds them for MLflow.
struct AWSCredentials: Sendable {
    /// The id of the key, which is sent.
    let keyID: String
    /// The key, which is not.
    let key: Secret
    /// What is sent with a key that is only valid for a while.
    let sessionToken: Secret?
    /// The region.
    let region: String
    /// Where the keys and the region come from, for people.
    let origins: [String]

    /// What to do where they are only to be had from a service.
    private static func remedy(_ profile: String) -> String {
        "have the AWS CLI put them into the environment: "
            + "`eval \"$(aws configure export-credentials --profile \(profile.shellWord) --format env)\"`"
    }

    /// Finds the keys: in the environment, or else in a profile of the AWS CLI.
    ///
    /// - Parameters:
    ///   - environment: The environment's variables.
    ///   - readFile: Reads a file; nil where there is none.
    /// - Throws: `HTTPError` with `.unauthenticated` when there are none, or no region.
    init(
        environment: [String: String], readFile: (String) throws(HTTPError) -> String? = CredentialFiles.read
    ) throws(HTTPError) {
        let variable = environment.variable
        let profile = try AWSProfile(environment: environment, readFile: readFile)
        let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
        let set = names.filter { variable($0) != nil }
        guard set.count != 1 else {
            throw HTTPError(
                .unauthenticated, "\(set[0]) is set without \(names.first { $0 != set[0] } ?? "")",
                hint: "set both, or neither")
        }
        let found: (id: String?, key: String?, token: String?)
        let origins: [String]
        if set.count == 2 {
            found = (
                variable(names[0]), variable(names[1]),
                variable("AWS_SESSION_TOKEN") ?? variable("AWS_SECURITY_TOKEN")
            )
            origins = names
        } else if variable("AWS_WEB_IDENTITY_TOKEN_FILE") != nil, variable("AWS_ROLE_ARN") != nil {
            throw HTTPError(
                .unauthenticated,
                "AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN name a role, which promptreg cannot take on by itself",
                hint: Self.remedy(profile.name))
        } else {
            try profile.checkThatItHasKeys(remedy: Self.remedy(profile.name))
            found = (
                profile["aws_access_key_id"], profile["aws_secret_access_key"],
                profile["aws_session_token"] ?? profile["aws_security_token"]
            )
            origins = ["the profile \(profile.name) of the AWS CLI"]
        }
        guard let id = found.id, let key = found.key else {
            throw HTTPError(
                .unauthenticated,
                "MLFLOW_TRACKING_AWS_SIGV4 asks for signed requests, and there are no keys of AWS to sign with",
                hint:
                    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile with keys in AWS_PROFILE; or "
                    + Self.remedy(profile.name))
        }
        // In this order, since botocore only knows the first one.
        let regionName = ["AWS_DEFAULT_REGION", "AWS_REGION"].first { variable($0) != nil }
        guard let region = regionName.flatMap(variable) ?? profile["region"] else {
            throw HTTPError(
                .unauthenticated,
                "MLFLOW_TRACKING_AWS_SIGV4 asks for signed requests, and no region of AWS is named",
                hint: "set AWS_REGION to the region of the server")
        }
        (keyID, self.key, self.region) = (id, Secret(key), region)
        sessionToken = found.token.map(Secret.init)
        self.origins = origins + ["the region \(region) of \(regionName ?? "that profile")"]
    }

    /// Whether a part of them cannot be sent.
    var isBroken: Bool {
        [keyID, key.reveal(), sessionToken?.reveal() ?? "", region].contains { $0.hasControlCharacter }
    }
}

/// A profile of the AWS CLI: what its two files say of it.
private struct AWSProfile {
    let name: String
    private let credentials: [String: Secret]
    private let config: [String: Secret]

    /// Settings by which a profile has no keys itself, but a service gives some out.
    private static let services = [
        "role_arn", "sso_session", "sso_start_url", "web_identity_token_file", "credential_process",
        "login_session",
    ]

    init(
        environment: [String: String], readFile: (String) throws(HTTPError) -> String?
    ) throws(HTTPError) {
        let variable = environment.variable
        // In botocore's order.
        let namedBy = ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"].first { variable($0) != nil }
        let named = namedBy.flatMap(variable)
        func sections(_ variable: String?, _ shown: String) throws(HTTPError) -> [String: [String: Secret]] {
            let shown = variable ?? shown
            guard let path = CredentialFiles.expanding(shown, home: environment["HOME"]),
                let text = try readFile(path)
            else { return [:] }
            return try INIFile(text, path: shown).sections
        }
        let keys = try sections(variable("AWS_SHARED_CREDENTIALS_FILE"), "~/.aws/credentials")
        let others = try sections(variable("AWS_CONFIG_FILE"), "~/.aws/config")
        let name = named ?? "default"
        self.name = name
        let own = keys[name]
        let settings =
            others["profile \(name)"] ?? others["profile \"\(name)\""]
            ?? (name == "default" ? others[name] : nil)
        guard named == nil || own != nil || settings != nil else {
            throw HTTPError(
                .unauthenticated,
                "the AWS CLI has no profile '\(name)', which \(namedBy ?? "AWS_PROFILE") names",
                hint: "`aws configure list-profiles` lists those that there are")
        }
        (credentials, config) = (own ?? [:], settings ?? [:])
    }

    /// A value; nil where it is not set, or empty.
    subscript(_ name: String) -> String? {
        // Keys come together from one file.
        let first = credentials["aws_access_key_id"] == nil && name.hasPrefix("aws_") ? config : credentials
        let value = first[name] ?? (name.hasPrefix("aws_") ? nil : config[name])
        return value.flatMap { $0.isEmpty ? nil : $0.reveal() }
    }

    /// Refuses a profile whose keys are to be had from a service.
    func checkThatItHasKeys(remedy: String) throws(HTTPError) {
        let service = Self.services.first { config[$0] != nil || credentials[$0] != nil }
        // In botocore's order: a role, which takes keys to take it on with, and a login come before all keys, and a program
        // comes before those beside it.
        guard let service else { return }
        let comesFirst =
            service == "role_arn" || service.hasPrefix("sso_")
            || service == "credential_process" && credentials["aws_access_key_id"] == nil
        guard comesFirst || self["aws_access_key_id"] == nil else { return }
        throw HTTPError(
            .unauthenticated,
            "the profile \(name) of the AWS CLI has no keys of its own, but \(service), which promptreg does not support",
            hint: remedy)
    }
}
