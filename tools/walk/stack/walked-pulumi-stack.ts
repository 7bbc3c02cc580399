import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CommandError, StackNotFoundError } from "@pulumi/pulumi/automation/errors.js";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";

import type { Stage } from "../../../components/settings/types.js";
import okeAmbientMesh from "../../../index.js";
import { SettingsFile } from "../../stacks/settings-file.js";
import { Engine, engineMessage } from "../../automation/engine.js";
import { inline } from "../../automation/inline.js";
import { ToolError } from "../../command-line/errors.js";
import { onPath } from "../../../emulator/host/programs.js";
import { root } from "../../paths.js";
import { EngineStack } from "./engine-stack.js";
import type { Commands } from "./walked-stack.js";

/** A Pulumi stack in the backend that `pulumi` is logged in to. */
export class WalkedPulumiStack extends EngineStack {
  readonly commands: Commands;
  private readonly file: string;
  private selected?: Stack;
  /** Temporary folder with a copy of the stack's settings. */
  private folder?: string;

  constructor(private readonly name: string) {
    super({ stack: name });
    const up = `pulumi up --stack ${name}`;
    this.commands = {
      destroy: `pulumi destroy --stack ${name}`,
      up,
      to: (stage) => `pulumi config set stage ${stage} --stack ${name} && ${up}`,
      verify: `npm run -s verify -- --stack ${name}`,
      walk: `npm run walk -- --stack ${name}`,
    };
    this.file = `Pulumi.${name.split("/").at(-1)}.yaml`;
  }

  protected get stack(): Stack {
    if (!this.selected) throw new Error("not open");
    return this.selected;
  }

  /** @throws ToolError if there is no `pulumi` on the PATH, or no such stack, or it cannot be opened. */
  async open(onEngine: (engine: Engine) => void): Promise<void> {
    const engine = await Engine.open(pulumiOnPath());
    onEngine(engine);
    this.selected = await LocalWorkspace.selectStack(
      { stackName: this.name, projectName: "oke-ambient-mesh", program: inline(okeAmbientMesh) },
      // The provider's kubeconfig names the token helper by a path from the project's root.
      { workDir: root, pulumiCommand: engine.command },
    ).catch((error: unknown) => {
      throw error instanceof CommandError ? this.notOpened(error) : error;
    });
  }

  protected async previewConfig(stage: Stage): Promise<string> {
    this.folder ??= mkdtempSync(join(tmpdir(), "walk-"));
    const file = join(this.folder, this.file);
    writeFileSync(file, this.settingsAt(stage).toString(), { mode: 0o600 });
    return file;
  }

  protected async setStage(stage: Stage): Promise<void> {
    this.settingsAt(stage).save();
  }

  page(url: unknown) {
    return { ...(typeof url === "string" && { url }), hints: [] };
  }

  async close(): Promise<void> {
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }

  private notOpened(error: CommandError): ToolError {
    return new ToolError(
      error instanceof StackNotFoundError
        ? `There is no stack ${this.name}. Create it with: pulumi stack init ${this.name}, and configure it as in docs/settings.md.`
        : `Stack ${this.name} cannot be opened: ${engineMessage(error.message)}\n` +
            "Log in with `pulumi login`. If the stack has a passphrase, set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to its file.",
    );
  }

  private settingsAt(stage: Stage): SettingsFile {
    const settings = SettingsFile.of(join(root, this.file));
    settings.set([["stage"], stage]);
    return settings;
  }
}

function pulumiOnPath(): string {
  const found = onPath("pulumi");
  if (found) return found;
  throw new ToolError(
    "pulumi is not on PATH. Install it (https://www.pulumi.com/docs/iac/download-install/), or use a sandbox: npm run walk",
  );
}
