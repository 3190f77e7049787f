package import HTTP
import Synchronization

/// Where a server has MLflow's API, which a prefix of its own may move (`mlflow server --static-prefix`).
///
/// From MLflow 3.12 on the prefix is before everything, and before that only before the pages and the API that the pages
/// use, which is the same API.
package final class MLflowAddress: Sendable {
    /// The address that was given.
    package let base: HTTPURL
    private let client: HTTPClient
    private let headers: [String: String]
    private let place = Mutex(Place(folder: "api", isKnown: false))
    private let search = FoundOnce<Result<String, HTTPError>>()
    private let foundVersion = FoundOnce<MLflowVersion?>()

    /// Below which folder the API is, and whether it has answered from there.
    private struct Place {
        var folder: String
        var isKnown: Bool
    }

    /// An address; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - base: The address that was given.
    ///   - client: Sends requests.
    ///   - headers: The headers that every request has besides its credentials.
    package init(_ base: HTTPURL, client: HTTPClient, headers: [String: String]) {
        self.base = base
        self.client = client
        self.headers = headers
    }

    /// The address of a call.
    package func url(_ path: String, _ query: [(String, String)] = []) -> HTTPURL {
        url(path, query, in: place.withLock { $0.folder })
    }

    private func url(_ path: String, _ query: [(String, String)], in folder: String) -> HTTPURL {
        base.appending("\(folder)/2.0/mlflow/\(path)", query: query)
    }

    /// Reads; where the API is elsewhere below the given address, there.
    ///
    /// - Parameters:
    ///   - path: The call.
    ///   - query: Its parameters.
    ///   - type: What the answer's JSON holds.
    /// - Returns: The answer.
    /// - Throws: `HTTPError`, which names the right address where MLflow has another one.
    package func read<Answer: Decodable & Sendable>(
        _ path: String, _ query: [(String, String)] = [], as type: Answer.Type
    ) async throws(HTTPError) -> Answer {
        func send() async throws(HTTPError) -> Answer {
            var request = HTTPRequest(.get, url(path, query), headers: headers)
            request.subject = query.first { $0.0 == "name" }?.1
            let answer = try await client.send(request, as: type)
            place.withLock { $0.isKnown = true }
            return answer
        }
        do throws(HTTPError) {
            return try await send()
        } catch  where error.isFromElsewhere && !place.withLock({ $0.isKnown }) {
            let found = await search.value { await self.find(error) }
            let folder = try found.get()
            place.withLock { $0.folder = folder }
            return try await send()
        }
    }

    // MARK: - The search

    /// The folder that the API is in, or the error that says where it is.
    private func find(_ error: HTTPError) async -> Result<String, HTTPError> {
        let pages = HTTPRequest(
            .get, url("registered-models/search", [("max_results", "1")], in: "ajax-api"), headers: headers)
        do throws(HTTPError) {
            _ = try await client.send(pages, as: Acknowledgement.self)
            return .success("ajax-api")
        } catch {
            if !error.isFromElsewhere { return .success("ajax-api") }
        }
        var error = error
        let others = base.path.isEmpty ? [base.appending(["mlflow"])] : parents
        for other in others where await version(at: other) != nil {
            error.message = "there is no MLflow server at \(base.text), but there is one at \(other.text)"
            error.hint = "use \(other.text) as the registry's address"
            return .failure(error)
        }
        error.hint =
            "\(error.hint ?? "check the address"); a prefix (mlflow server --static-prefix) is part of it"
        return .failure(error)
    }

    /// The addresses on the same host that this one is below, the longest first.
    private var parents: [HTTPURL] {
        var parents: [HTTPURL] = []
        var parent = base
        while let slash = parent.path.lastIndex(of: "/") {
            parent.path = String(parent.path[..<slash])
            parents.append(parent)
        }
        return parents
    }

    // MARK: - The version

    /// Why nothing can be written to the server, as far as its version is known.
    var problem: HTTPError? { foundVersion.known??.problem }

    /// The server's version, asked for once; nil where it does not say.
    package func version() async -> MLflowVersion? {
        await foundVersion.value {
            if let version = await self.version(at: self.base, withCredentials: true) { return version }
            // Up to MLflow 3.6 the version has no prefix.
            guard self.place.withLock({ $0.folder != "api" }) else { return nil }
            for parent in self.parents {
                if let version = await self.version(at: parent) { return version }
            }
            return nil
        }
    }

    private func version(at base: HTTPURL, withCredentials: Bool = false) async -> MLflowVersion? {
        let request = HTTPRequest(.get, base.appending("version"), headers: headers)
        let probe = await client.briefProbe(request, withCredentials: withCredentials)
        return probe.flatMap { MLflowVersion($0.response) }
    }
}

extension HTTPError {
    /// Whether something else than MLflow's API answered a read, as where the API has another address.
    fileprivate var isFromElsewhere: Bool {
        switch status {
        case 200, 405: code == .wrongService
        case 404: apiCode != "RESOURCE_DOES_NOT_EXIST"
        default: false
        }
    }
}
