const ACCOUNT = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8';

export const EXAMPLES = [
  {
    name: 'How far the read model is, and what is published',
    query: `query {
  _meta { indexedBlock finalizedBlock chainHead lag }
  families(first: 10) {
    nodes {
      familyId
      name
      token { symbol holderCount }
      versions(first: 5) {
        nodes { versionId licence verification { tier meaning } prices { asset amount scheduledAmount } }
      }
    }
  }
}`,
  },
  {
    name: 'Sales and how far they are',
    query: `query {
  offerings(first: 10) {
    nodes {
      address
      progress { phase softCapBps hardCapBps tokenPrice }
      committed
      softCap
      hardCap
      token { symbol }
      raiseCurve { at committed }
    }
  }
}`,
  },
  {
    name: 'An account: holdings, what it can claim now, commitments',
    query: `query ($account: Address!) {
  account(address: $account) {
    holdings { nodes { token { symbol } balance claimable { asset amount } paid { claimed } } }
    commitments { nodes { offering { address } committed outcome { tokens refundOwed } } }
  }
}`,
    variables: { account: ACCOUNT },
  },
  {
    name: "An investor's first page, in one statement",
    query: `query ($account: Address!) {
  dashboard(account: $account) {
    indexedBlock
    holdings { symbol balance claimed }
    revenue { start received }
    platformRevenue { start received }
  }
}`,
    variables: { account: ACCOUNT },
  },
  {
    name: 'Operators and how reliable they are',
    query: `query {
  operators {
    nodes { address stake locked slashed finalCount voidedCount uptime { answered missed uptimeBps } }
  }
}`,
  },
  {
    name: 'Disputes, move by move',
    query: `query {
  disputes(first: 10) {
    nodes {
      disputeId
      phase
      turn
      deadline
      challenger
      operator { address disputeCount voidedCount }
      assertion { round status bond }
      node
      moves {
        __typename
        side
        at
        operatorLeft
        challengerLeft
        ... on PickMove { childIndex node }
        ... on ChunkMove { chunkIndex chunk }
      }
      outcome { winner outOfTime gasShare reward burned }
    }
  }
}`,
  },
  {
    name: 'Everything that happens, from the beginning',
    query: `subscription ($after: BigInt) {
  events(after: $after) { position kind event subject subjectId account blockNumber }
}`,
    variables: { after: '0' },
  },
];
