import Foundation
import PromptClient

/// An agent that answers questions about a platform: a classifier picks the specialists, these work side by side, and a
/// synthesizer writes one answer.
///
/// All that it says to models is in the eight prompts of `jobs/health_monitor.yaml`, which it loads by the alias
/// `production`. Each question is one trace, which is tied to the versions that answered it.
struct HealthMonitor: Sendable {
    /// Loads the prompts and records the traces.
    let client: PromptClient
    /// Answers prompts.
    let model: any Model
    /// What is known about a domain, as a specialist is to see it.
    let data: @Sendable (Domain) async throws -> String

    /// What a specialist knows about.
    enum Domain: String, CaseIterable, Sendable {
        case cost, security, performance, reliability, quality
    }

    /// Answers a question.
    ///
    /// - Parameters:
    ///   - question: The question.
    ///   - context: The conversation so far.
    /// - Returns: The answer.
    /// - Throws: What the model throws where there is no answer without it.
    func answer(_ question: String, context: String = "") async throws -> String {
        try await client.withSpan("agent_predict", type: .agent) { span in
            span.setInputs(["question": question])
            await loadAll()
            let domains = try await classify(question)
            // Nobody has to be asked: the orchestrator says what it can help with.
            let answer =
                domains.isEmpty
                ? try await ask("orchestrator", ["query": question, "context": context])
                : try await ask(
                    "synthesizer",
                    ["query": question, "domain_responses": await responses(to: question, of: domains)])
            span.setOutputs(["answer": answer])
            return answer
        }
    }

    // MARK: - The prompts

    private static let prompts =
        ["orchestrator", "intent_classifier", "synthesizer"] + Domain.allCases.map { "\($0.rawValue)_worker" }

    /// Loads all prompts at once, so that no step waits for its own, and the trace names all that the agent had.
    private func loadAll() async {
        await withTaskGroup { group in
            for name in Self.prompts {
                group.addTask {
                    guard let reason = await load(name).fallbackReason else { return }
                    complain("warning: \(name) is the agent's own text: \(reason)")
                }
            }
        }
    }

    private func load(_ name: String) async -> Prompt {
        await client.load("\(name)@production", fallback: Self.fallback(for: name))
    }

    // MARK: - The steps

    private struct Classification: Decodable { let domains: [String] }

    /// The domains that a question belongs to, each once; all of them where the classifier's answer cannot be read.
    private func classify(_ question: String) async throws -> [Domain] {
        let answer = try await ask("intent_classifier", ["query": question])
        let json = Data(Self.object(in: answer).utf8)
        guard let read = try? JSONDecoder().decode(Classification.self, from: json) else {
            return Domain.allCases
        }
        var domains: [Domain] = []
        for domain in read.domains.compactMap(Domain.init) where !domains.contains(domain) {
            domains.append(domain)
        }
        return domains.isEmpty && !read.domains.isEmpty ? Domain.allCases : domains
    }

    /// The JSON object in an answer: many models put it into a code fence, or say something before it.
    private static func object(in answer: String) -> Substring {
        guard let start = answer.firstIndex(of: "{"), let end = answer.lastIndex(of: "}"), start < end else {
            return answer[...]
        }
        return answer[start...end]
    }

    /// What the specialists say, in the order of the domains. One that fails is named, and the others go on.
    private func responses(to question: String, of domains: [Domain]) async -> String {
        let answers = await withTaskGroup(of: (Domain, String).self) { group in
            for domain in domains {
                group.addTask {
                    do {
                        let values = ["query": question, "data": try await data(domain)]
                        return (domain, try await ask("\(domain.rawValue)_worker", values))
                    } catch {
                        return (domain, "The specialist failed, and found nothing.")
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return domains.map { "## \($0.rawValue)\n\(answers[$0] ?? "")" }.joined(separator: "\n\n")
    }

    /// Fills in a prompt and sends it to the model, as a step of the trace.
    private func ask(_ name: String, _ values: [String: String]) async throws -> String {
        try await client.withSpan(name, type: .chatModel) { span in
            let prompt = await load(name)
            let messages = try prompt.messages(values)
            span.setInputs(["messages": messages.map { ["role": $0.role, "content": $0.content] }])
            let answer = try await model.answer(messages, prompt)
            span.setModel(answer.model)
            if let usage = answer.usage {
                span.setUsage(inputTokens: usage.input, outputTokens: usage.output)
            }
            span.setOutputs(answer.text)
            return answer.text
        }
    }

    /// What is said where the registry fails and no version is known: enough to answer, if not well.
    private static func fallback(for name: String) -> String {
        switch name {
        case "intent_classifier":
            """
            Answer with JSON only: {"domains": […]}, of cost, security, performance, reliability and quality those \
            that this question needs: {{query}}
            """
        case "synthesizer":
            "Answer the question {{query}} from what the specialists say:\n{{domain_responses}}"
        case "orchestrator": "{{context}}\nSay what you can help with, as nobody can answer: {{query}}"
        default: "Answer the question {{query}} from nothing but this data:\n{{data}}"
        }
    }
}

/// A model that answers prompts.
protocol Model: Sendable {
    /// Answers.
    ///
    /// - Parameters:
    ///   - messages: What it is told.
    ///   - prompt: The version that they were made of, with the settings that it wants.
    /// - Returns: The answer.
    /// - Throws: Why there is none.
    func answer(_ messages: [Prompt.Message], _ prompt: Prompt) async throws -> ModelAnswer
}

/// What a model answered.
struct ModelAnswer: Sendable {
    /// The text.
    let text: String
    /// The model's name.
    let model: String
    /// The tokens of the request and of the answer; nil where the model does not say.
    let usage: (input: Int, output: Int)?
}
