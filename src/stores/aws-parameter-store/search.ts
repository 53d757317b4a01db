import type { SSMClient } from "@aws-sdk/client-ssm";
import type { AwsCall } from "../aws/errors.ts";
import { type NamesPage, namesIn, type PageSource, type SendOptions } from "../aws/search.ts";
import type { AwsSearch } from "../aws/types.ts";

type Sdk = typeof import("@aws-sdk/client-ssm");

/**
 * Names of parameters. Those below a path are listed by the path, so that a role needs rights on that path alone
 * (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html); tags, and names
 * that are no paths, only `DescribeParameters` knows
 * (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html).
 */
export class ParameterSearch implements PageSource {
  readonly action: string;
  readonly resource: string;
  readonly where: string;
  readonly #search: AwsSearch;
  readonly #client: SSMClient;
  readonly #sdk: Sdk;
  /** Undefined: the names are asked for by filters. */
  readonly #path: string | undefined;

  constructor(search: AwsSearch, { region }: AwsCall, client: SSMClient, sdk: Sdk) {
    this.#search = search;
    this.#client = client;
    this.#sdk = sdk;
    this.where = `Parameter Store in ${region}`;
    this.#path = search.prefix.startsWith("/") && search.tags.length === 0 ? folderOf(search.prefix) : undefined;
    this.action = this.#path === undefined ? "ssm:DescribeParameters" : "ssm:GetParametersByPath";
    this.resource = this.#path ?? "*";
  }

  async page(NextToken: string | undefined, options: SendOptions): Promise<NamesPage> {
    const { Parameters, NextToken: nextToken } = await (this.#path === undefined
      ? this.#client.send(this.#described(NextToken), options)
      : this.#client.send(this.#below(this.#path, NextToken), options));
    return { names: namesIn(Parameters), nextToken };
  }

  /** The values are read with the secrets of other mounts, so none is asked for here. */
  #below(Path: string, NextToken: string | undefined) {
    return new this.#sdk.GetParametersByPathCommand({
      ...{ Path, NextToken, Recursive: true, WithDecryption: false, MaxResults: 10 },
    });
  }

  #described(NextToken: string | undefined) {
    const { prefix, tags } = this.#search;
    const ParameterFilters = [
      ...(prefix === "" ? [] : [{ Key: "Name", Option: "BeginsWith", Values: [prefix] }]),
      ...tags.map(([key, value]) => ({ Key: `tag:${key}`, Option: "Equals", Values: [value] })),
    ];
    return new this.#sdk.DescribeParametersCommand({ ParameterFilters, NextToken, MaxResults: 50 });
  }
}

/** `/shop/feat` is looked for below `/shop`. */
function folderOf(prefix: string): string {
  return prefix.slice(0, prefix.lastIndexOf("/")) || "/";
}
