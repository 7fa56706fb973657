supply-products = Products
supply-products-of-all = All products
supply-products-n = { $n ->
    [one] { $count } product
   *[other] { $count } products
}
supply-products-all = All
supply-products-expired = Expired certificate
supply-products-differs = Days differ
supply-products-ends = Ending soon
supply-products-unsupported = Not supported
supply-products-no-inventory = No inventory
supply-products-cryptographic = Cryptographic
supply-no-product = There is no product yet. Products are registered with each system, under Providers and products.
supply-expired-n = { $n ->
    [one] { $count } system uses a product whose certificate or licence has expired.
   *[other] { $count } systems use a product whose certificate or licence has expired.
}
supply-used-by = Used by
supply-more-systems = and { $count } more
supply-concerns = To look at
supply-concern-expired = certificate expired
supply-concern-differs = same certificate, different last days
supply-concern-ends = ends soon
supply-concern-unsupported = not supported, or nobody said
supply-concern-no-custodian = no key custodian named
supply-concern-no-inventory = no inventory
supply-scope = Scope of the certificate
supply-custodian = Key custodian
supply-custodian-about = Key custodian (a post, never somebody's name; a cryptographic product needs one)
supply-custodian-none = not named
supply-custodian-short = Keys with
supply-keeping = Custodian and scope
supply-providers = Providers
supply-providers-of-all = All providers
supply-providers-n = { $n ->
    [one] { $count } provider
   *[other] { $count } providers
}
supply-providers-all = All
supply-providers-ended = Contract ended
supply-providers-ends = Contract ending
supply-providers-no-exit = No exit plan
supply-providers-untested = Plan not tried
supply-no-provider = There is no provider yet. Providers are registered with each system, under Providers and products.
supply-lacking-n = { $n ->
    [one] { $count } system has no plan for going on without its provider.
   *[other] { $count } systems have no plan for going on without their provider.
}
supply-lacking-level = From level { $level } on one is needed.
supply-staff-short = People
supply-exit = Exit plan
supply-exit-about = Exit plan: how the agency goes on without them (form in which data come back, where the source is kept, in which time)
supply-exit-tested = Last tried
supply-exit-tested-on = Yes, tried { $day }
supply-exit-untested = Yes, not tried
supply-exit-none = none
supply-exit-not-said = not said
supply-escrow = Escrow
supply-escrow-none = No escrow
supply-escrow-data = Data in escrow
supply-escrow-source = Source in escrow
supply-escrow-both = Data and source in escrow
supply-expired-here = { $n ->
    [one] { $count } product of this system has an expired certificate or licence.
   *[other] { $count } products of this system have an expired certificate or licence.
}
supply-differs-here = { $n ->
    [one] The certificate of { $count } product has another last day with another system.
   *[other] The certificates of { $count } products have other last days with other systems.
}
supply-lacking-here = { $n ->
    [one] { $count } provider of this system has no exit plan.
   *[other] { $count } providers of this system have no exit plan.
}
supply-see-parts = See providers and products

done-provider-exit = The exit plan is kept.
done-product-custodian = The key custodian is kept.
