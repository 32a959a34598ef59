package wherry.server.api;

import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.databasemigration.model.AccountQuota;
import software.amazon.awssdk.services.databasemigration.model.DescribeAccountAttributesRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeAccountAttributesResponse;
import wherry.server.store.Store;

/** The account: what it may have and what it has. Safe for all threads. */
public final class AccountOperations {
  private final Store store;
  private final AccountFacts account;

  AccountOperations(Store store, AccountFacts account) {
    this.store = store;
    this.account = account;
  }

  public DescribeAccountAttributesResponse describeAccountAttributes(
      DescribeAccountAttributesRequest request) {
    List<AccountQuota> quotas = new ArrayList<>();
    for (Quota quota : Quota.values()) {
      quotas.add(quota(quota.wireName(), quota.used(store), quota.most()));
    }
    long storage = ReplicationInstances.storageGigabytes(store);
    quotas.add(quota("AllocatedStorage", storage, Quota.ALLOCATED_STORAGE_GIGABYTES));
    return DescribeAccountAttributesResponse.builder()
        .accountQuotas(quotas)
        .uniqueAccountIdentifier(account.uniqueIdentifier())
        .build();
  }

  private static AccountQuota quota(String name, long used, long most) {
    return AccountQuota.builder().accountQuotaName(name).used(used).max(most).build();
  }
}
