import { expect } from "@jest/globals";

import { reaches, type Stage } from "../../../components/settings/settings.js";
import type { OperationReport } from "../../../tools/sandbox/commands.js";
import { stackName } from "../../../tools/stacks/settings-file.js";
import type { ChangeKind } from "../../../tools/automation/changes.js";
import { expectationsAt } from "../../../components/verification/expectations.js";
import { TestSandbox } from "../harness.js";
import type { StateResource } from "../urns.js";

interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  status: { startTime: string };
}

interface State {
  deployment: { resources: (StateResource & { outputs?: Record<string, unknown> })[] };
}

/** A sandbox that moves from stage to stage, with checks that apply to every move. */
export class Walk extends TestSandbox {
  private pods?: Record<string, string>;

  /** Runs an `up`, and expects a green row for every result and no restart of Bookinfo's Pods. */
  async up(stage: Stage): Promise<Record<ChangeKind, string[]>> {
    const report = await this.run("up", "--stage", stage);
    const said = this.printed.at(-1) ?? "";
    const verdicts = `${expectationsAt(stage).length} green, 0 red, 0 not checked`;
    expect(said.slice(said.lastIndexOf(`, stage ${stage}, namespace `))).toContain(verdicts);
    const before = this.pods;
    this.pods = reaches(stage)("bookinfo") ? await this.bookinfo() : undefined;
    if (before && this.pods) expect(this.pods).toEqual(before);
    return sorted(report);
  }

  override async at(stage: Stage): Promise<void> {
    if (this.place !== stage) await this.up(stage);
  }

  async refresh(): Promise<Record<ChangeKind, string[]>> {
    return sorted(await this.run("refresh"));
  }

  async destroy(): Promise<Record<ChangeKind, string[]>> {
    this.pods = undefined;
    return sorted(await this.run("destroy"));
  }

  override async gone(): Promise<void> {
    if (this.place !== "nowhere") await this.destroy();
  }

  async state(): Promise<State> {
    const argv = ["stack", "export", "--stack", stackName(this.name)];
    return JSON.parse(await this.tool("pulumi", ...argv)) as State;
  }

  /** Identities of Bookinfo's and the clients' Pods, which change when a Pod restarts. */
  private async bookinfo(): Promise<Record<string, string>> {
    const { items } = await this.get<{ items: Pod[] }>("pods", "-l", "app", "-n", "default");
    const own = items.filter(({ metadata: m }) => !m.deletionTimestamp && !/waypoint/.test(m.name));
    expect(own).toHaveLength(8);
    return Object.fromEntries(
      own.map(({ metadata, status }) => [metadata.name, `${metadata.uid} ${status.startTime}`]),
    );
  }
}

const sorted = ({ resources }: OperationReport): Record<ChangeKind, string[]> => ({
  create: resources.create.sort(),
  update: resources.update.sort(),
  replace: resources.replace.sort(),
  delete: resources.delete.sort(),
});
